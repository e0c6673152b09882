package aks

import "slices"

// MinVersion is the first version of az with custom CA trust outside the preview.
const MinVersion = "2.72.0"

// lastAPI is the last API version with the property of the preview.
const lastAPI = "2025-08-02-preview"

// Today returns the current commands. The certificates belong to the cluster: one
// set of at most ten for all its Linux nodes.
func Today(r Request) []Step {
	switch r.Action {
	case Create:
		return []Step{r.withFile("create the cluster. Its Linux nodes trust the CAs from the start", "create", "--generate-ssh-keys"), r.show()}
	case NodepoolAdd:
		return []Step{{
			About: "a new Linux pool gets the CAs of its cluster, without a flag",
			Argv:  slices.Concat([]string{"az", "aks", "nodepool", "add"}, r.pool(), []string{"--os-type", "Linux"}, r.Extra),
		}}
	case Disable:
		return r.removeProperty()
	}
	return []Step{r.withFile("replace the CAs of the whole cluster. Every node is replaced", "update"), r.show()}
}

func (r Request) cluster() []string {
	return []string{"--resource-group", r.ResourceGroup, "--name", r.Name}
}

func (r Request) pool() []string {
	return []string{"--resource-group", r.ResourceGroup, "--cluster-name", r.Name, "--name", r.Nodepool}
}

func (r Request) withFile(about, verb string, more ...string) Step {
	file := []string{"--custom-ca-trust-certificates", r.file()}
	return Step{About: about, Argv: slices.Concat([]string{"az", "aks", verb}, r.cluster(), file, more, r.Extra)}
}

func (r Request) show() Step {
	return Step{
		About: "afterwards, check that the cluster has the CAs",
		Argv:  slices.Concat([]string{"az", "aks", "show"}, r.cluster(), []string{"--query", "securityProfile.customCaTrustCertificates", "--output", "json"}),
	}
}

// removeProperty removes the property of the preview from a pool. Pools that have
// it may fail to scale.
func (r Request) removeProperty() []Step {
	return []Step{
		{
			About:  "remove the retired property from the pool. az no longer has a flag for it",
			Assign: "POOL_ID",
			Argv:   slices.Concat([]string{"az", "aks", "nodepool", "show"}, r.pool(), []string{"--query", "id", "--output", "tsv"}),
		},
		{
			Argv:          []string{"az", "resource", "update", "--ids", poolID, "--api-version", lastAPI, "--set", "properties.enableCustomCATrust=false"},
			needsPrevious: true,
		},
		{
			Argv: []string{
				"az", "resource", "show", "--ids", poolID, "--api-version", lastAPI,
				"--query", "properties.{enableCustomCATrust:enableCustomCATrust,provisioningState:provisioningState}", "--output", "json",
			},
			needsPrevious: true,
		},
	}
}

// Notes returns notes to read before running the commands.
func Notes(a Action) []string {
	notes := []string{}
	if a.NeedsFile() {
		notes = append(notes,
			"az must be "+MinVersion+" or later (az version); on Windows use WSL or Cloud Shell, since az splits the file at the line ends of its system and AKS refuses CRLF",
			"containers in pods do not inherit what nodes trust: give them the bundle too, as a ConfigMap; Windows node pools are left out",
			"if nodes do not trust the CAs afterwards, run on the node: systemctl restart containerd",
		)
	}
	switch a {
	case Update, NodepoolUpdate, Enable:
		notes = append(notes, "AKS replaces every node, so all pods are rescheduled")
	}
	switch a {
	case NodepoolUpdate:
		notes = append(notes, "CAs apply to the whole cluster; a node pool cannot have its own")
	case Enable:
		notes = append(notes, "nothing needs to be enabled or registered any more: the certificates are all that is needed, for all pools")
	case Disable:
		notes = append(notes,
			"this only removes the property of the preview; repeat it for every pool that has it",
			"the Secret of the preview is no longer used; with kubectl on this cluster: kubectl delete secret custom-ca-trust-secret --namespace kube-system --ignore-not-found",
		)
	}
	return notes
}
