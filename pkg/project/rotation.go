package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotator"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// AddedTargets describes what AddTargets has found besides locations.
type AddedTargets struct {
	Warnings []string
	NodeDirs []string // folders with files for nodes, which cannot be read
}

// AddTargets adds the targets of the entry of trust that a rotation names to its
// locations; a rotation may name none. It checks that the entry reads the bundle
// of the rotation. The options need not name the certs.yaml. Passwords are for
// PKCS#12 and JKS in the cluster. The result counts even if there is an error.
func AddTargets(ctx context.Context, o Options, plan *rotator.Plan, passwords []string) (AddedTargets, error) {
	entry := plan.Rotation.Trust
	if entry == nil {
		return AddedTargets{}, nil
	}
	o.File, o.Named, o.Environment = plan.CertsFile(), false, entry.Environment
	doc, err := readEntryFile(o, plan)
	if err != nil {
		return AddedTargets{}, err
	}
	p, err := Build(ctx, o, doc)
	if err != nil {
		return AddedTargets{}, err
	}
	warnings, err := p.checkEntry(ctx, plan)
	if err != nil {
		return AddedTargets{Warnings: warnings}, err
	}
	nodeDirs, err := p.addTargets(plan, passwords)
	return AddedTargets{warnings, nodeDirs}, err
}

// readEntryFile reads the certs.yaml that a rotation names. It rejects one that
// does not determine the locations.
func readEntryFile(o Options, plan *rotator.Plan) (config.Document, error) {
	entry := plan.Rotation.Trust
	data, err := plan.Read(entry.File)
	if errors.Is(err, fs.ErrNotExist) {
		return config.Document{}, fmt.Errorf("%s: trust.file: %s: no such file", plan.File, o.File)
	}
	if err != nil {
		return config.Document{}, err
	}
	doc, err := config.Parse(o.Limits, o.File, data)
	switch {
	case err != nil:
		return doc, err
	case len(plan.Bundle) == 0:
		return doc, hint.With(fmt.Errorf("%s: no certificates yet, and trust %s is generated from it", plan.BundlePath(), entry.Name), plan.BundleCommand())
	case len(doc.Environments) > 1 && entry.Environment == "":
		return doc, fmt.Errorf("%s: trust.environment: required, because %s has %d environments", plan.File, o.File, len(doc.Environments))
	}
	return doc, nil
}

// checkEntry rejects an entry that a change of the bundle does not reach. The
// warnings are about other environments, too.
func (p *Project) checkEntry(ctx context.Context, plan *rotator.Plan) (warnings []string, err error) {
	e, err := p.Environment()
	if err != nil {
		return nil, err
	}
	return plan.Rotation.CheckEntry(rotation.EntryCheck{
		File: plan.File, CertsFile: plan.CertsFile(), Environment: e.Name, Old: plan.Old,
		IsBundle: func(source string) bool { return sameFile(source, plan.BundlePath()) },
	}, p.entriesOf(ctx, plan.Rotation.Trust.Name))
}

// sameFile reports whether two names lead to the same file.
func sameFile(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// addTargets adds the targets of the entry, and returns the folders for nodes.
func (p *Project) addTargets(plan *rotator.Plan, passwords []string) (nodeDirs []string, err error) {
	target, err := p.trustEntry(plan.Rotation.Trust.Name)
	if err != nil {
		return nil, err
	}
	trusted, wrong := target.Trusted(&usage.Values{Passwords: passwords})
	var locations []usage.Location
	for _, t := range trusted.Locations {
		locations = append(locations, t.Location)
	}
	plan.Rotation.AddTargets(locations)
	return trusted.NodeDirs, problem.Join(wrong, plan.Rotation.CheckLocations(plan.CertsFile()))
}
