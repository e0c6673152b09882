package crds

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	client "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset/typed/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"
)

//go:embed nginx.yaml
var nginx []byte

// Names are the sets that can be installed. All but nginx, which is ours, are
// folders of dir, copied from their modules by make lab.
func Names() []string { return []string{"cert-manager", "gateway-api", "nginx"} }

// dir is where the copies lie: the folder crds beside the executable.
func dir() (string, error) {
	self, err := os.Executable()
	return filepath.Join(filepath.Dir(self), "crds"), err
}

// Load reads the CRDs of some sets, as JSON.
func Load(names []string) ([][]byte, error) {
	var all [][]byte
	for _, name := range names {
		docs, err := read(name)
		if err != nil {
			return nil, err
		}
		all = append(all, docs...)
	}
	return all, nil
}

// Install applies CRDs and waits until each is established.
func Install(ctx context.Context, config *rest.Config, docs [][]byte) error {
	config = rest.CopyConfig(config)
	config.QPS = -1 // no limit
	set, err := clientset.NewForConfig(config)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for _, doc := range docs {
		group.Go(func() error { return install(ctx, set.ApiextensionsV1().CustomResourceDefinitions(), doc) })
	}
	return group.Wait()
}

func read(name string) ([][]byte, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("%s: no such CRDs; there are %s", name, strings.Join(Names(), ", "))
	}
	if name == "nginx" {
		return split(nginx)
	}
	copies, err := dir()
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(copies, name, "*.yaml"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: no CRDs in %s: run make lab", name, filepath.Join(copies, name))
	}
	var all [][]byte
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		docs, err := split(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, docs...)
	}
	return all, nil
}

// split returns the CRDs among the documents of a file, and those in lists.
func split(data []byte) ([][]byte, error) {
	var all [][]byte
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for {
		doc, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		text, err := yaml.YAMLToJSON(doc)
		if err != nil {
			return nil, err
		}
		var head struct {
			Kind  string
			Items []json.RawMessage
		}
		if err := json.Unmarshal(text, &head); err != nil {
			return nil, err
		}
		if head.Kind == "CustomResourceDefinition" {
			all = append(all, text)
		}
		for _, item := range head.Items {
			all = append(all, item)
		}
	}
}

// install applies one CRD and waits until it is established.
func install(ctx context.Context, api client.CustomResourceDefinitionInterface, doc []byte) error {
	var head metav1.PartialObjectMetadata
	if err := json.Unmarshal(doc, &head); err != nil {
		return err
	}
	force := true
	_, err := api.Patch(ctx, head.Name, types.ApplyPatchType, doc, metav1.PatchOptions{FieldManager: "lab", Force: &force})
	if err != nil {
		return fmt.Errorf("install CRD %s: %w", head.Name, err)
	}
	err = wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		crd, err := api.Get(ctx, head.Name, metav1.GetOptions{})
		return err == nil && established(crd), err
	})
	if err != nil {
		return fmt.Errorf("wait until CRD %s is established: %w", head.Name, err)
	}
	return nil
}

func established(crd *apiextensions.CustomResourceDefinition) bool {
	return slices.ContainsFunc(crd.Status.Conditions, func(c apiextensions.CustomResourceDefinitionCondition) bool {
		return c.Type == apiextensions.Established && c.Status == apiextensions.ConditionTrue
	})
}
