package main

import (
	"errors"
	_ "time/tzdata" // for the time zones of CronJobs, as its own main has it

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"

	"github.com/kubectl-certs/kubectl-certs/lab"
)

// apiserver runs until it fails: orders come to the supervisor, which kills.
func apiserver(s *lab.State) error {
	cmd := app.NewAPIServerCommand()
	cmd.SetArgs(s.APIServerFlags())
	if code := cli.Run(cmd); code != 0 {
		return errors.New("kube-apiserver failed")
	}
	return nil
}
