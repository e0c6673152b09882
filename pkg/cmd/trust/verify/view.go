package verify

import (
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// locationView is a location as JSON and YAML show it.
type locationView struct {
	Location string            `json:"location"`
	Same     bool              `json:"same"`
	Absent   string            `json:"absent,omitempty"`
	Damage   []string          `json:"damage,omitempty"`
	Differs  []string          `json:"differs,omitempty"` // besides certificates
	Count    int               `json:"count"`
	Mixed    bool              `json:"mixed,omitempty"` // further certificates are allowed
	Missing  []certificates.CA `json:"missing,omitempty"`
	Extra    []certificates.CA `json:"extra,omitempty"`
	Changed  *time.Time        `json:"changed,omitempty"` // at the latest
}

func newLocationView(l usage.Compared) locationView {
	d := l.Against()
	v := locationView{
		Location: l.Location, Same: l.Same(), Absent: l.Absent, Damage: l.Damage, Differs: l.Differs,
		Count: len(l.Certs), Mixed: l.Mixed, Missing: certificates.CAsOf(d.Missing), Extra: certificates.CAsOf(d.Extra),
	}
	if !l.Changed.IsZero() {
		changed := l.Changed.UTC()
		v.Changed = &changed
	}
	return v
}

// newList returns the JSON form of a comparison.
func newList(c usage.Comparison) output.List {
	cas := []certificates.CA{}
	for _, cert := range c.Certificates {
		cas = append(cas, certificates.CAOf(cert))
	}
	list := output.List{Kind: "TrustComparisonList", Rest: map[string]any{"certificates": cas}}
	if len(c.Notes) > 0 {
		list.Rest["notes"] = c.Notes
	}
	for _, l := range c.Locations {
		list.Items = append(list.Items, newLocationView(l))
		if name := objectName(l); name != "" && !slices.Contains(list.Names, name) {
			list.Names = append(list.Names, name)
		}
	}
	return list
}

// objectName returns the object that a location is, as kubectl takes it without
// its namespace; "" for a location that is not an object.
func objectName(l usage.Compared) string {
	if l.Object.Name != "" {
		return strings.ToLower(l.Object.Kind) + "/" + l.Object.Name
	}
	for _, kind := range []string{"bundle/", "clusterbundle/", "clustertrustbundle/"} {
		if name, ok := strings.CutPrefix(l.Location, kind); ok {
			return kind + strings.TrimSuffix(name, ":inLine")
		}
	}
	return ""
}
