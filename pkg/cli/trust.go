package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// trustFlags are those of the commands that read and judge.
type trustFlags struct {
	target, at, passwordFile string
	allow                    []string
}

func (f *trustFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.target, "target", string(cabundle.Generic), "who is to take the bundle: generic, or aks (az aks --custom-ca-trust-certificates)")
	flags.StringVar(&f.at, "at", "", "judge as of this date, as in 2027-03-01 (default: now)")
	flags.StringSliceVar(&f.allow, "allow", nil, "findings to take for notes, as in T001,T004")
	flags.StringVar(&f.passwordFile, "password-file", "", "file with the password of PKCS#12 and JKS; none and changeit are tried anyway")
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
	var err error
	if s.now, err = asOf(f.at); err != nil {
		return s, err
	}
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

// asOf reads the flag --at, "" for now.
func asOf(at string) (time.Time, error) {
	if at == "" {
		return time.Now(), nil
	}
	day, err := time.Parse(time.DateOnly, at)
	if err != nil {
		return day, fmt.Errorf("--at %q: must be a date, as in 2027-03-01", at)
	}
	return day, nil
}

// judge weighs a bundle as the flags have it.
func (s trustSettings) judge(b cabundle.Bundle) []finding.Finding {
	return finding.Allow(cabundle.Judge(b, s.target, s.now), s.allow)
}
