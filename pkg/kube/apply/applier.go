package apply

import "github.com/kubectl-certs/kubectl-certs/pkg/kube"

// Applier applies objects to a cluster, and previews the changes.
type Applier struct{ client *kube.Client }

// New returns an Applier.
func New(client *kube.Client) *Applier { return &Applier{client: client} }
