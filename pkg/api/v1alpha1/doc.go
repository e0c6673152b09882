// Package v1alpha1 has the types of certs.yaml with their defaults, and the
// keys of the labels, annotations and Secrets of kubectl certs. It does not
// read or check files; that is package config.
package v1alpha1
