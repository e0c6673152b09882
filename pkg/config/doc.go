// Package config reads certs.yaml: a strict parse that reports every problem
// with its line, once for the file as it stands and once for each environment.
// It writes no manifests and reads nothing but the bytes it is given.
package config
