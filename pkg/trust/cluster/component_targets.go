package cluster

import (
	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/nodetrust"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// ComponentTargets returns the locations of the components for pods among some
// folders: the ConfigMaps that workloads mount with them.
func ComponentTargets(folders []nodetrust.Folder, values *usage.Values) []Target {
	var wanted []Target
	for _, f := range folders {
		name, text := f.ConfigMap()
		if name == "" {
			continue
		}
		var h usage.LocationState
		values.Add(&h, cabundle.CAKey, text, true)
		wanted = append(wanted, Target{Location: usage.Location{Kind: usage.Component, Name: name, Optional: true}, Certs: h.Certs})
	}
	return wanted
}
