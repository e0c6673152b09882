package main

import (
	"github.com/kubectl-certs/kubectl-certs/lab"
	"github.com/kubectl-certs/kubectl-certs/lab/zone"
)

func dnsServer(s *lab.State) error {
	z, err := zone.Open(s.Path("dns", "records"))
	if err != nil {
		return err
	}
	return z.Serve(zone.Config{DNS: s.Listens(lab.DNS), API: s.DNSAPI(), KeyName: lab.KeyName, Secret: s.TSIG})
}
