package overlay

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// CheckReferences reports every reference that is unresolved after a build: an
// object that names an issuer of the plan without its namePrefix or nameSuffix,
// an issuer that names a generated Secret without its hash, and a VirtualServer
// whose challenge route has another name or namespace. Objects that a build
// leaves out are not an error; they may be managed elsewhere. Affixes are those
// of the kustomization (see NameAffixes).
func CheckReferences(built []manifest.Object, planned []manifest.Built, affixes []Affixes) error {
	var errs []error
	if renamed := renamedIssuers(built, planned, affixes); len(renamed) > 0 {
		needs, err := manifest.Needs(built)
		errs = append(errs, err)
		for _, n := range needs {
			ref := n.Certificate.IssuerRef
			if now := renamed[ref.Kind+"/"+ref.Name]; now != "" {
				errs = append(errs, unresolvedReference(n, now))
			}
		}
	}
	errs = append(errs, checkSecrets(built)...)
	return errors.Join(append(errs, checkChallenges(built, planned)...)...)
}

func unresolvedReference(n plan.Need, now string) error {
	ref := n.Certificate.IssuerRef
	advice := "add the field to a nameReference configuration, or remove the namePrefix and nameSuffix"
	if ref.Kind == "ClusterIssuer" {
		advice = "kustomize treats it as an object of namespace default, and updates references only there: move the namePrefix to " +
			AppsDir + "/" + kustomizationFile + ", which has no ClusterIssuer"
	}
	return fmt.Errorf("%s/%s refers to %s/%s, which the kustomization renames to %s; %s", n.By.Kind, n.By.Name, ref.Kind, ref.Name, now, advice)
}

// renamedIssuers maps the planned issuers that the build contains only under a
// changed name to that name, both as kind/name. An issuer that is planned with the
// changed name does not count, unless it is renamed too.
func renamedIssuers(built []manifest.Object, planned []manifest.Built, affixes []Affixes) map[string]string {
	there, wanted := map[string]bool{}, map[string]bool{}
	for _, o := range built {
		if isIssuer(o) {
			there[o.Kind()+"/"+o.Name()] = true
		}
	}
	for _, p := range planned {
		if isIssuer(p.Object) {
			wanted[p.Kind()+"/"+p.Name()] = true
		}
	}
	renamed := map[string]string{}
	for key := range wanted {
		kind, name, _ := strings.Cut(key, "/")
		for _, a := range affixes {
			now := kind + "/" + a.rename(name)
			// A planned issuer of that name is itself, unless it is renamed too.
			itself := wanted[now] && !there[kind+"/"+a.rename(a.rename(name))]
			if !there[key] && there[now] && !itself {
				renamed[key] = a.rename(name)
			}
		}
	}
	return renamed
}

// checkChallenges reports the VirtualServers that refer to a VirtualServerRoute
// of the plan by a name or namespace that the build has changed.
func checkChallenges(built []manifest.Object, planned []manifest.Built) []error {
	routes := map[string]bool{} // of the plan, in the form of VirtualServer references
	for _, p := range planned {
		if p.Kind() == "VirtualServerRoute" {
			routes[p.Namespace()+"/"+p.Name()] = true
		}
	}
	moved := map[string]string{} // new names of the routes of a host
	for _, o := range built {
		if name := o.Namespace() + "/" + o.Name(); o.Kind() == "VirtualServerRoute" && !routes[name] {
			moved[host(o)] = name
		}
	}
	if len(moved) == 0 {
		return nil
	}
	var errs []error
	for _, o := range built {
		now := moved[host(o)]
		for _, to := range manifest.TextsAt(map[string]any(o), []string{"spec", "routes", "route"}) {
			if o.Kind() == "VirtualServer" && routes[to] && now != "" {
				errs = append(errs, fmt.Errorf("%s refers to VirtualServerRoute %s for challenges, which the kustomization renames to %s; move the namespace, namePrefix or nameSuffix to %s/%s, which has no such route",
					o.ID(), to, now, AppsDir, kustomizationFile))
			}
		}
	}
	return errs
}

// host is the host of a route, "" if it is not a string.
func host(o manifest.Object) string {
	text, _ := o.Map("spec")["host"].(string)
	return text
}

func isIssuer(o manifest.Object) bool {
	return o.ID().Group == "cert-manager.io" && slices.Contains(issuers, o.Kind())
}

// checkSecrets reports issuers that name a generated Secret without the hash
// that Kustomize appends.
func checkSecrets(built []manifest.Object) []error {
	exact, hashed := map[string]bool{}, map[string]string{}
	for _, o := range built {
		if o.Kind() != "Secret" {
			continue
		}
		exact[o.Name()] = true
		if before, isHashed := manifest.CutHash(o.Name()); isHashed {
			hashed[before] = o.Name()
		}
	}
	if len(exact) == 0 {
		return nil
	}
	var errs []error
	for _, o := range built {
		if !isIssuer(o) {
			continue
		}
		for _, name := range secretsOf(o) {
			if now := hashed[name]; !exact[name] && now != "" {
				errs = append(errs, fmt.Errorf("%s names Secret %s, which the kustomization generates as %s; add generatorOptions: {disableNameSuffixHash: true}", o.ID(), name, now))
			}
		}
	}
	return errs
}

// secretsOf returns the Secrets that an issuer names.
func secretsOf(o manifest.Object) []string {
	var names []string
	for _, r := range references {
		if r.to == "Secret" && slices.Contains(r.from, o.Kind()) {
			names = append(names, manifest.TextsAt(map[string]any(o), splitPath(r.path))...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
