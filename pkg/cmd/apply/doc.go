// Package apply applies an overlay, or an environment of a certs.yaml, to a
// cluster. How objects are applied and compared is in package kube/apply.
package apply
