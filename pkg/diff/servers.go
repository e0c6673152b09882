package diff

import (
	"fmt"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// ServerChange is an ACME issuer whose server differs between two sides.
type ServerChange struct {
	Label    string // of the overlay
	Issuer   manifest.ID
	From, To string // URLs of the ACME directories
}

// String says what becomes of the issuer's certificates, which the comparison does not show.
func (c ServerChange) String() string {
	where := ""
	if c.Label != "" {
		where = c.Label + ": "
	}
	return fmt.Sprintf("%s%s: the ACME server changes from %s to %s. Issued certificates stay until they are renewed: "+
		"with cert-manager, run cmctl renew NAME for each; kubectl certs run replaces them by itself.", where, c.Issuer, c.From, c.To)
}

// ServerChanges returns the ACME issuers on both sides whose servers differ, in the order of the
// old side. Overlays are matched by label, and issuers by ID.
func ServerChanges(old, new []Overlay) []ServerChange {
	after := map[string]map[manifest.ID]string{}
	for _, o := range new {
		after[o.Label] = serversOf(o.Objects)
	}
	var changes []ServerChange
	for _, o := range old {
		before := serversOf(o.Objects)
		for _, object := range o.Objects {
			id := object.ID()
			from, to := before[id], after[o.Label][id]
			if from != "" && to != "" && from != to {
				changes = append(changes, ServerChange{o.Label, id, from, to})
			}
		}
	}
	return changes
}

// serversOf returns the ACME servers of issuers. It leaves out issuers that cannot be read.
func serversOf(objects []manifest.Object) map[manifest.ID]string {
	servers := map[manifest.ID]string{}
	for _, o := range objects {
		issuers, err := manifest.Issuers([]manifest.Object{o})
		if err == nil && len(issuers) > 0 && issuers[0].Spec.ACME != nil {
			servers[o.ID()] = issuers[0].Spec.ACME.Server
		}
	}
	return servers
}
