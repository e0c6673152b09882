package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"runtime"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// writeImage makes an image of one static program and nothing else.
func writeImage(file, image, program string) error {
	layer, err := layerOf(program)
	if err != nil {
		return err
	}
	data, err := tarball.LayerFromReader(bytes.NewReader(layer))
	if err != nil {
		return err
	}
	img, err := mutate.AppendLayers(empty.Image, data)
	if err != nil {
		return err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", runtime.GOARCH
	config.Config.Entrypoint = []string{"/program"}
	config.Config.User = "65532:65532"
	if img, err = mutate.ConfigFile(img, config); err != nil {
		return err
	}
	tag, err := name.NewTag("docker.io/library/" + image + ":latest")
	if err != nil {
		return err
	}
	return tarball.WriteToFile(file, tag, img)
}

func layerOf(program string) ([]byte, error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "program", Mode: 0o755, Size: int64(len(content))}); err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	return b.Bytes(), nil
}
