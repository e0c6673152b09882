package nodetrust

import (
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// containerd returns a folder for each registry. containerd 1.5 and later reads it
// on every pull if config_path is /etc/containerd/certs.d.
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

// hostDir returns the folder of a registry, in the form that containerd tries
// first. It has no colon, which some file systems do not support.
func hostDir(host string) string {
	name, port, hasPort := strings.Cut(host, ":")
	if !hasPort {
		return name
	}
	return name + "_" + port + "_"
}
