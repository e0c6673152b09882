package rotation

import (
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// APIVersion and Kind are the type of a rotation's file.
const (
	APIVersion = v1alpha1.APIVersion
	Kind       = "Rotation"
)

// file is the file format of a rotation.
type file struct {
	APIVersion apiVersion `json:"apiVersion"`
	Kind       kind       `json:"kind"`
	Metadata   struct {
		Name nameText `json:"name"`
	} `json:"metadata"`
	Old       []filePath       `json:"old"`
	New       []filePath       `json:"new"`
	Others    []filePath       `json:"others,omitempty"`
	Bundle    filePath         `json:"bundle"`
	Locations []usage.Location `json:"locations,omitempty"`
	Trust     *fileEntry       `json:"trust,omitempty"`
	Workloads fileWorkloads    `json:"workloads,omitempty"`
	Ignore    []usage.Ref      `json:"ignore,omitempty"`
	Servers   []server         `json:"servers,omitempty"`
	Issuers   []fileIssuer     `json:"issuers,omitempty"`
}

type fileEntry struct {
	File        anyPath  `json:"file"`
	Name        nameText `json:"name"`
	Environment nameText `json:"environment,omitempty"`
}

type fileWorkloads struct {
	Namespaces []nameText      `json:"namespaces,omitempty"`
	Selector   labels.Selector `json:"selector,omitempty"`
	Reload     labels.Selector `json:"reload,omitempty"`
}

type fileIssuer struct {
	Kind       issuerKind `json:"kind"`
	Namespace  nameText   `json:"namespace,omitempty"`
	Name       nameText   `json:"name"`
	SecretName nameText   `json:"secretName"`
	File       filePath   `json:"file,omitempty"`
}

// Strings by their format.
type (
	apiVersion string
	kind       string
	issuerKind string
	nameText   string
	filePath   string // below the folder of the rotation's file
	anyPath    string // of an input file
	server     string // HOST:PORT
)
