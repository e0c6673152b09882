// Package config parses certs.yaml strictly and reports every problem with its
// line, for the file as written and for each environment. It does not write
// manifests or read other files.
package config
