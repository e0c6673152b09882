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
		return []Step{r.withFile("make the cluster, its Linux nodes trust the CAs from the start", "create", "--generate-ssh-keys"), r.show()}
	case NodepoolAdd:
		return []Step{{
			About: "a new Linux pool gets the CAs of its cluster, there is no flag for it",
			Argv:  slices.Concat([]string{"az", "aks", "nodepool", "add"}, r.pool(), []string{"--os-type", "Linux"}, r.Extra),
		}}
	case Disable:
		return r.removeProperty()
	}
	return []Step{r.withFile("this set replaces the one before, for the whole cluster, and every node is replaced", "update"), r.show()}
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
		About: "afterwards, see that they are there",
		Argv:  slices.Concat([]string{"az", "aks", "show"}, r.cluster(), []string{"--query", "securityProfile.customCaTrustCertificates", "--output", "json"}),
	}
}

// removeProperty removes the property of the preview from a pool. Pools that have
// it may fail to scale.
func (r Request) removeProperty() []Step {
	return []Step{
		{
			About:  "take the retired property off the pool, az has no flag for it any more",
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
		notes = append(notes, "AKS makes new nodes, drains the old ones and deletes them: every pod moves")
	}
	switch a {
	case NodepoolUpdate:
		notes = append(notes, "CAs belong to the cluster; no command gives one pool its own")
	case Enable:
		notes = append(notes, "nothing needs to be enabled or registered any more: the certificates are all that is needed, for all pools")
	case Disable:
		notes = append(notes,
			"this is only about the property of the preview; repeat it for every pool that has it",
			"the Secret of the preview is no longer used; with kubectl on this cluster: kubectl delete secret custom-ca-trust-secret --namespace kube-system --ignore-not-found",
		)
	}
	return notes
}
