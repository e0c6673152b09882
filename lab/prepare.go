package lab

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
)

// Options are those of up. A nil text leaves what the folder has.
type Options struct {
	Dir           string
	RuntimeConfig *string // flags of kube-apiserver
	FeatureGates  *string
	ParentPID     int // the lab ends with this process; 0: it does not
}

func (o Options) overlay(s *State) {
	if o.RuntimeConfig != nil {
		s.RuntimeConfig = *o.RuntimeConfig
	}
	if o.FeatureGates != nil {
		s.FeatureGates = *o.FeatureGates
	}
}

// prepare makes the folder ready to start: what it has stays as it is, but for
// ports that another process holds now. The caller holds the lock.
func prepare(o Options) (*State, error) {
	s, err := Open(o.Dir)
	if errors.Is(err, ErrNone) {
		dir, err := filepath.Abs(o.Dir)
		if err != nil {
			return nil, err
		}
		s = &State{
			Dir: dir, Ports: map[string]int{},
			Token: base64.RawURLEncoding.EncodeToString(random()),
			TSIG:  base64.StdEncoding.EncodeToString(random()),
			EAB:   base64.RawURLEncoding.EncodeToString(random()),
		}
	} else if err != nil {
		return nil, err
	}
	o.overlay(s)
	if err := s.choosePorts(); err != nil {
		return nil, err
	}
	if err := s.makeKeys(); err != nil {
		return nil, err
	}
	return s, s.write()
}

func (s *State) write() error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	ca, err := os.ReadFile(s.CA())
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		"lab.json":   string(data) + "\n",
		"tokens.csv": s.Token + `,admin,admin,"system:masters"` + "\n",
		"kubeconfig": s.kubeconfig(ca),
		"lab.env":    s.Env(),
	} {
		if err := replace(s.Path(name), []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

func random() []byte {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	return b
}
