package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	_ "time/tzdata" // for the time zones of CronJobs

	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// process is one that runs inside.
type process struct {
	name string
	args []string // of this program, unless name is another's
}

func parts() []process {
	const kubeconfig = "--kubeconfig=" + labDir + "/kubeconfig"
	return []process{
		{"containerd", []string{"containerd", "--config", nodeDir + "/containerd.toml"}},
		{"kube-controller-manager", []string{
			kubeconfig, "--authentication-kubeconfig=" + labDir + "/kubeconfig", "--authorization-kubeconfig=" + labDir + "/kubeconfig",
			"--bind-address=127.0.0.1", "--leader-elect=false",
			"--service-account-private-key-file=" + labDir + "/pki/sa.key", "--root-ca-file=" + labDir + "/pki/ca.pem",
		}},
		{"kube-scheduler", []string{
			kubeconfig, "--authentication-kubeconfig=" + labDir + "/kubeconfig", "--authorization-kubeconfig=" + labDir + "/kubeconfig",
			"--bind-address=127.0.0.1", "--leader-elect=false",
		}},
		{"kubelet", []string{kubeconfig, "--config=" + nodeDir + "/kubelet.yaml", "--hostname-override=" + nodeName, "--node-ip=" + nodeIP}},
		{"kube-proxy", []string{"--config=" + nodeDir + "/kube-proxy.yaml", "--hostname-override=" + nodeName}},
	}
}

// start starts a process that logs to its file.
func (p process) start() (pid int, err error) {
	log, err := os.Create(filepath.Join(nodeDir, "log", p.name+".log"))
	if err != nil {
		return 0, err
	}
	defer log.Close()
	cmd := exec.Command("/proc/self/exe", append([]string{"part", p.name}, p.args...)...)
	if p.name == p.args[0] {
		cmd = exec.Command(p.args[0], p.args[1:]...)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	return cmd.Process.Pid, nil
}

// part is one of the servers that this program is too.
func part(name string, args []string) error {
	newCommand, known := map[string]func() *cobra.Command{
		"kube-controller-manager": controllers.NewControllerManagerCommand,
		"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
		"kubelet":                 func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) },
		"kube-proxy":              proxy.NewProxyCommand,
	}[name]
	if !known {
		return fmt.Errorf("%s: no such part", name)
	}
	cmd := newCommand()
	cmd.SetArgs(args)
	if code := cli.Run(cmd); code != 0 {
		return errors.New(name + " failed")
	}
	return nil
}
