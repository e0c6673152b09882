package nodetrust

import (
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// containerd writes a folder for each registry, which containerd 1.5 and later
// looks into on every pull where config_path is /etc/containerd/certs.d.
func containerd(b plan.Bundle) []File {
	r := b.Spec.To.Containerd
	if r == nil {
		return nil
	}
	files := []File{pem(b, "certs.d/"+fileName(b.Spec), "certs.d goes to /etc/containerd of every node, whose config_path must name it; no restart")}
	for _, host := range r.Hosts {
		files = append(files, File{
			Name: "certs.d/" + hostDir(host) + "/hosts.toml", Note: host + " by " + fileName(b.Spec),
			Data: fmt.Appendf(nil, "server = \"https://%s\"\nca = \"../%s\"\n", host, fileName(b.Spec)),
		})
	}
	return files
}

// hostDir is the folder of a registry, in the form that containerd looks for
// first and that has no colon, which not every file system takes.
func hostDir(host string) string {
	name, port, hasPort := strings.Cut(host, ":")
	if !hasPort {
		return name
	}
	return name + "_" + port + "_"
}
