package diff

import (
	"fmt"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// ingresses returns n objects of the size that this project writes.
func ingresses(b *testing.B, n int) []manifest.Object {
	template := decode(b, `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: x, namespace: apps, annotations: {cert-manager.io/cluster-issuer: letsencrypt}}
spec:
  ingressClassName: nginx
  rules:
  - host: x.example.com
    http:
      paths:
      - {path: /tea, pathType: Prefix, backend: {service: {name: tea-svc, port: {number: 80}}}}
      - {path: /coffee, pathType: Prefix, backend: {service: {name: coffee-svc, port: {number: 80}}}}
  tls: [{hosts: [x.example.com], secretName: x-tls}]
`)[0]
	objects := make([]manifest.Object, n)
	for i := range objects {
		objects[i] = template.Clone()
		objects[i].Map("metadata")["name"] = fmt.Sprintf("x-%05d", i)
	}
	return objects
}

func BenchmarkObjects(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		old := ingresses(b, n)
		for _, tt := range [][2]string{{"equal", "nginx"}, {"changed", "traefik"}} {
			name, class := tt[0], tt[1]
			new := ingresses(b, n)
			for _, o := range new {
				o.Map("spec")["ingressClassName"] = class
			}
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					changes, err := Objects(old, new)
					if err != nil || (len(changes) == n) != (name == "changed") {
						b.Fatal(len(changes), err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/object")
			})
		}
	}
}
