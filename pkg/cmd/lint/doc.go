// Package lint checks a certs.yaml or manifests and reports findings. It never
// connects to a cluster, and it changes nothing.
package lint
