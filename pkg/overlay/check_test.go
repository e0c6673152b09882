package overlay_test

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// TestTornChallenges: kustomize follows no namespace/name, so a VirtualServer
// and the route for its challenges must keep theirs; and they do where we say.
func TestTornChallenges(t *testing.T) {
	_, files := readArchive(t, "../../testdata/overlay/static_virtualserver.txtar")
	torn := func(who, now string) string {
		return who + " leaves challenges to VirtualServerRoute kubectl-certs/shop.plain, which the kustomization makes " + now +
			"; move the namespace, namePrefix or nameSuffix to base/apps/kustomization.yaml, where no such route is"
	}
	for name, c := range map[string]struct{ dir, change, want string }{
		"prefix above all":    {"overlays/default", "namePrefix: x-\n", torn("VirtualServer/shop/x-plain", "kubectl-certs/x-shop.plain")},
		"namespace above all": {"overlays/default", "namespace: x\n", torn("VirtualServer/x/plain", "x/shop.plain")},
		"routes alone":        {overlay.ResponderDir, "nameSuffix: -x\n", torn("VirtualServer/shop/plain", "kubectl-certs/shop.plain-x")},
		"apps alone":          {overlay.AppsDir, "namePrefix: x-\nnamespace: shop-2\n", ""},
		"nothing":             {"overlays/default", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := planFiles(t, files)
			file := path.Join(c.dir, "kustomization.yaml")
			p.tree[file] = append(slices.Clone(p.tree[file]), c.change...)
			var b overlay.Builder
			built, err := b.Build(mapFS(p.tree), "overlays/default")
			if err != nil {
				t.Fatal(err)
			}
			err = overlay.CheckReferences(built, p.base.Objects)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("got %v, want nothing", err)
			case c.want != "" && (err == nil || !slices.Contains(strings.Split(err.Error(), "\n"), c.want)):
				t.Errorf("got\n%v\nwant among it\n%s", err, c.want)
			}
		})
	}
}
