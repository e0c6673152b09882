//go:build !slim && !linux

package lego

import (
	"os"
	"path/filepath"
)

// folder contains the files, "" if there are none.
var folder string

// fileOf creates a file, which removeFiles deletes.
func fileOf(name string, content []byte) (path string, err error) {
	if folder == "" {
		if folder, err = os.MkdirTemp("", "kubectl-certs-"); err != nil {
			return "", err
		}
	}
	path = filepath.Join(folder, name)
	return path, os.WriteFile(path, content, 0o600)
}

func removeFiles() {
	if folder != "" {
		os.RemoveAll(folder)
	}
}
