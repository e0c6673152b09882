// Package lint checks a certs.yaml or manifests and reports findings. It never
// connects to a cluster, and it changes nothing. What is checked, and how, is in
// packages project and lint.
package lint
