package project

import (
	"context"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/diff"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// ServerChanges returns the ACME issuers that get another server by an update that is not
// written yet, in each overlay. It builds overlays only if the update changes an ACME issuer. An
// overlay on the disk that does not build has no such issuers.
func (t *Tree) ServerChanges(ctx context.Context, u overlay.Update) []diff.ServerChange {
	changesIssuer := slices.ContainsFunc(u.Changes, func(c overlay.Change) bool {
		return c.Action != overlay.Unchanged && c.Action != overlay.Kept && (hasACME(t.current[c.Path]) || hasACME(u.Writes[c.Path]))
	})
	if !changesIssuer || len(t.current) == 0 {
		return nil
	}
	before, after, err := t.Sides(ctx, u)
	if err != nil {
		return nil
	}
	return diff.ServerChanges(before, after)
}

// hasACME reports whether a file has an ACME issuer, or a patch of one.
func hasACME(file []byte) bool {
	objects, err := manifest.Decode(file)
	if err != nil {
		return false
	}
	issuers, _ := manifest.Issuers(objects)
	return slices.ContainsFunc(issuers, func(i manifest.Issuer) bool { return i.Spec.ACME != nil })
}
