package overlay_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// actionsOf is what an update does, by path.
func actionsOf(u overlay.Update) map[string]overlay.Action {
	all := map[string]overlay.Action{}
	for _, c := range u.Changes {
		all[c.Path] = c.Action
	}
	return all
}

func wanting(files map[string]string, kustomizations map[string]overlay.Kustomization) overlay.Generated {
	g := overlay.Generated{Files: map[string]overlay.File{}, Kustomizations: kustomizations}
	for name, text := range files {
		g.Files[name] = overlay.File{Data: overlay.Signed(text)}
	}
	return g
}

// TestUpdateFiles: files of ours follow what is wanted, those that people edited
// only by force, and those of people never.
func TestUpdateFiles(t *testing.T) {
	edited := string(overlay.Signed("a: 1\n")) + "# more\n"
	for name, tt := range map[string]struct {
		have, want string // "" for none
		force      bool
		action     overlay.Action // "" for nothing to say
		dirty      bool
	}{
		"new":                            {want: "a: 1\n", action: overlay.Created, dirty: true},
		"the same":                       {have: string(overlay.Signed("a: 1\n")), want: "a: 1\n", action: overlay.Unchanged},
		"the same, of Windows":           {have: strings.ReplaceAll(string(overlay.Signed("a: 1\n")), "\n", "\r\n"), want: "a: 1\n", action: overlay.Unchanged},
		"changed":                        {have: string(overlay.Signed("a: 1\n")), want: "a: 2\n", action: overlay.Updated, dirty: true},
		"no more":                        {have: string(overlay.Signed("a: 1\n")), action: overlay.Deleted, dirty: true},
		"edited":                         {have: edited, want: "a: 2\n", action: overlay.Kept},
		"edited, by force":               {have: edited, want: "a: 2\n", force: true, action: overlay.Updated, dirty: true},
		"edited, no more":                {have: edited, action: overlay.Kept},
		"edited, no more, by force":      {have: edited, force: true, action: overlay.Deleted, dirty: true},
		"the user's":                     {have: "a: 3\n", want: "a: 2\n", action: overlay.Kept},
		"the user's, by force":           {have: "a: 3\n", want: "a: 2\n", force: true, action: overlay.Kept},
		"the user's, without our digest": {have: "a: 3\n", force: true},
	} {
		t.Run(name, func(t *testing.T) {
			have, want := overlay.Tree{}, map[string]string{}
			if tt.have != "" {
				have["base/apps/a.yaml"] = []byte(tt.have)
			}
			if tt.want != "" {
				want["base/apps/a.yaml"] = tt.want
			}
			u, err := overlay.Plan(have, wanting(want, nil), tt.force)
			if err != nil {
				t.Fatal(err)
			}
			if got := actionsOf(u)["base/apps/a.yaml"]; got != tt.action || u.Dirty() != tt.dirty || (len(u.Kept()) == 1) != (tt.action == overlay.Kept) {
				t.Errorf("%q, dirty %v, kept %v", got, u.Dirty(), u.Kept())
			}
		})
	}
}

// TestUpdateKustomizations: ours follow what is wanted. In those that people edited
// the entries of ours that lead nowhere go, and all others stay.
func TestUpdateKustomizations(t *testing.T) {
	apps := overlay.Kustomization{Resources: []string{"a.yaml"}}
	dev := overlay.Kustomization{Resources: []string{"../../base/apps"}}
	with := func(entries ...string) string {
		return "kind: Kustomization\nresources:\n- " + strings.Join(entries, "\n- ") + "\n"
	}
	const (
		base = "base/apps/kustomization.yaml"
		env  = "overlays/dev/kustomization.yaml"
	)
	ours := string(apps.Render())
	for name, tt := range map[string]struct {
		have map[string]string
		want map[string]overlay.Kustomization
		path string
		// action is "" for nothing to say.
		action  overlay.Action
		entries string // afterwards, where it is written
		fails   bool
	}{
		"new":                  {want: map[string]overlay.Kustomization{"base/apps": apps}, path: base, action: overlay.Created, entries: "a.yaml"},
		"the same":             {have: map[string]string{base: ours}, want: map[string]overlay.Kustomization{"base/apps": apps}, path: base, action: overlay.Unchanged},
		"the same, of Windows": {have: map[string]string{base: strings.ReplaceAll(ours, "\n", "\r\n")}, want: map[string]overlay.Kustomization{"base/apps": apps}, path: base, action: overlay.Unchanged},
		"changed":              {have: map[string]string{base: ours}, want: map[string]overlay.Kustomization{"base/apps": {Resources: []string{"b.yaml"}}}, path: base, action: overlay.Updated, entries: "b.yaml"},
		"no more":              {have: map[string]string{base: ours}, path: base, action: overlay.Deleted},
		"another name":         {have: map[string]string{"base/apps/kustomization.yml": ours}, want: map[string]overlay.Kustomization{"base/apps": apps}, path: "base/apps/kustomization.yml", action: overlay.Unchanged},

		"of people":                      {have: map[string]string{env: with("own.yaml")}, want: map[string]overlay.Kustomization{"overlays/dev": dev, "base/apps": apps}, path: env, action: overlay.Updated, entries: "own.yaml ../../base/apps"},
		"of people, complete":            {have: map[string]string{env: with("own.yaml", "../../base/apps")}, want: map[string]overlay.Kustomization{"overlays/dev": dev, "base/apps": apps}, path: env, action: overlay.Unchanged},
		"a part of the base is no more":  {have: map[string]string{env: with("../../base/apps", "../../base/cluster", "own.yaml")}, want: map[string]overlay.Kustomization{"overlays/dev": dev, "base/apps": apps}, path: env, action: overlay.Updated, entries: "../../base/apps own.yaml"},
		"people have a part of the base": {have: map[string]string{env: with("../../base/apps", "../../base/cluster"), "base/cluster/own.yaml": "a: 1\n"}, want: map[string]overlay.Kustomization{"overlays/dev": dev, "base/apps": apps}, path: env, action: overlay.Unchanged},
		"only ours is in it":             {have: map[string]string{env: with("../../base/apps", "../../base/cluster"), "base/cluster/a.yaml": string(overlay.Signed("a: 1\n")), "base/clusters/own.yaml": "a: 1\n"}, want: map[string]overlay.Kustomization{"overlays/dev": dev, "base/apps": apps}, path: env, action: overlay.Updated, entries: "../../base/apps"},
		"other folders are theirs":       {have: map[string]string{env: with("../../base/apps", "../../base/own", "../other")}, want: map[string]overlay.Kustomization{"overlays/dev": dev, "base/apps": apps}, path: env, action: overlay.Unchanged},
		"an environment is no more":      {have: map[string]string{env: with("../../base/apps", "own.yaml")}, want: map[string]overlay.Kustomization{"base/apps": apps}, path: env, action: overlay.Updated, entries: "own.yaml"},
		"not an environment":             {have: map[string]string{"overlays/x/y/kustomization.yaml": with("../../../base/apps", "own.yaml")}, want: map[string]overlay.Kustomization{"base/apps": apps}, path: "overlays/x/y/kustomization.yaml"},
		"a file of ours goes":            {have: map[string]string{env: with("gone.yaml", "own.yaml"), "overlays/dev/gone.yaml": string(overlay.Signed("a: 1\n"))}, want: map[string]overlay.Kustomization{"overlays/dev": dev, "base/apps": apps}, path: env, action: overlay.Updated, entries: "own.yaml ../../base/apps"},
		"one that cannot be read":        {have: map[string]string{env: "resources: {"}, want: map[string]overlay.Kustomization{"overlays/dev": dev, "base/apps": apps}, path: env, fails: true},
		"it need not be read":            {have: map[string]string{env: "resources: {"}, path: env},
	} {
		t.Run(name, func(t *testing.T) {
			have := overlay.Tree{}
			for name, text := range tt.have {
				have[name] = []byte(text)
			}
			u, err := overlay.Plan(have, wanting(nil, tt.want), false)
			if (err != nil) != tt.fails || err != nil && !strings.HasPrefix(err.Error(), tt.path+": ") {
				t.Fatalf("error %v", err)
			}
			if got := actionsOf(u)[tt.path]; got != tt.action {
				t.Errorf("%q, want %q", got, tt.action)
			}
			var entries []string
			for line := range strings.Lines(string(u.Writes[tt.path])) {
				if entry, found := strings.CutPrefix(strings.TrimSpace(line), "- "); found {
					entries = append(entries, entry)
				}
			}
			if diff := cmp.Diff(tt.entries, strings.Join(entries, " ")); diff != "" {
				t.Errorf("entries (-want +got):\n%s\n%s", diff, u.Writes[tt.path])
			}
		})
	}
}
