package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
)

// trustFlags are those of the commands that read and judge.
type trustFlags struct {
	target, passwordFile string
	allow                []string
}

// trustSettings are the flags, parsed.
type trustSettings struct {
	target    cabundle.Target
	now       time.Time
	allow     []string
	passwords []string
}

func (f trustFlags) settings() (trustSettings, error) {
	s := trustSettings{target: cabundle.Target(f.target), allow: f.allow, passwords: []string{"", "changeit"}}
	if err := oneOf("target", f.target, string(cabundle.Generic), string(cabundle.AKS)); err != nil {
		return s, err
	}
	for _, id := range f.allow {
		if _, known := cabundle.RuleOf(id); !known {
			return s, withHint(fmt.Errorf("--allow %q: no such finding", id), "kubectl certs trust inspect shows the IDs, as in T004")
		}
	}
	s.now = time.Now()
	if f.passwordFile != "" {
		password, err := filetree.ReadFile(f.passwordFile)
		if err != nil {
			return s, fmt.Errorf("--password-file: %w", err)
		}
		first := strings.TrimRight(string(password), "\r\n")
		s.passwords = append([]string{first}, s.passwords...)
	}
	return s, nil
}
