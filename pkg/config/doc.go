// Package config is the user's certs.yaml: a strict parse that reports every
// problem with its line, the defaults, and the JSON Schema of the file.
// It never writes a manifest and never reads anything but the bytes it is given.
package config
