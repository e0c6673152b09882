package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The parts of a lab, in the order in which they are started.
const (
	Etcd      = "etcd"
	DNS       = "dns"
	Pebble    = "pebble"
	APIServer = "kube-apiserver"
)

// Parts names them all.
func Parts() []string { return []string{Etcd, DNS, Pebble, APIServer} }

// State is what a lab keeps in its folder between runs.
type State struct {
	Dir           string         `json:"-"`
	Ports         map[string]int `json:"ports"`
	Token         string         `json:"token"` // of the API server's user admin, and of the supervisor
	TSIG          string         `json:"tsig"`  // in base64
	EAB           string         `json:"eab"`   // in base64 for URLs, as ACME clients take it
	RuntimeConfig string         `json:"runtimeConfig"`
	FeatureGates  string         `json:"featureGates"`
}

// ErrNone says that a folder holds no lab.
var ErrNone = errors.New("no lab here")

// Open reads the lab of a folder.
func Open(dir string) (*State, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(dir, "lab.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", dir, ErrNone)
	}
	if err != nil {
		return nil, err
	}
	s := &State{Dir: dir}
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("%s/lab.json: %w", dir, err)
	}
	return s, nil
}

// Path is that of a file in the folder.
func (s *State) Path(elem ...string) string {
	return filepath.Join(append([]string{s.Dir}, elem...)...)
}

// CA is the file with the root of the API server's and Pebble's own
// certificate.
func (s *State) CA() string { return s.Path("pki", "ca.pem") }

// lockFile belongs to the lab that runs.
func (s *State) lockFile() string { return s.Path("lock") }

// Addr is where one of the ports listens.
func (s *State) Addr(port string) string { return fmt.Sprintf("127.0.0.1:%d", s.Ports[port]) }

// replace writes a file whole or not at all.
func replace(path string, data []byte) error {
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
