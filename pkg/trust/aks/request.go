package aks

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
)

// Action is the action of a command.
type Action string

// The actions, with the names of their commands.
const (
	Create         Action = "create"
	Update         Action = "update"
	NodepoolAdd    Action = "nodepool-add"
	NodepoolUpdate Action = "nodepool-update"
	Enable         Action = "enable"
	Disable        Action = "disable"
)

// Request is the input of Today and Preview.
type Request struct {
	Action                        Action
	ResourceGroup, Name, Nodepool string
	File                          string   // with the certificates, as it is on disk
	Certificates                  []string // in PEM, one each; for the Secret of the preview
	Extra                         []string // more arguments for az
	Preview                       bool     // return the commands of the preview
}

// Actions are all actions.
var Actions = []Action{Create, Update, NodepoolAdd, NodepoolUpdate, Enable, Disable}

// NeedsNodepool reports whether a request is for one node pool. The preview was
// enabled for each node pool.
func (r Request) NeedsNodepool() bool {
	return r.Action == NodepoolAdd || r.Action == NodepoolUpdate || r.Action == Disable || r.Action == Enable && r.Preview
}

// NeedsFile reports whether an action needs certificates.
func (a Action) NeedsFile() bool { return a != NodepoolAdd && a != Disable }

// Azure's naming rules (Microsoft.Resources and Microsoft.ContainerService).
var (
	groupName   = regexp.MustCompile(`^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$`)
	clusterName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$`)
	poolName    = regexp.MustCompile(`^[a-z][a-z0-9]{0,11}$`)
)

// Check returns all errors of a request.
func (r Request) Check() []error {
	var problems []error
	check := func(flag, value, rule string, ok bool) {
		switch {
		case value == "":
			problems = append(problems, fmt.Errorf("--%s is missing", flag))
		case !ok:
			problems = append(problems, fmt.Errorf("--%s %q: %s", flag, value, rule))
		}
	}
	check("resource-group", r.ResourceGroup, "must be up to 90 letters, digits, _ ( ) - and . with no . at the end", groupName.MatchString(r.ResourceGroup))
	check("name", r.Name, "must be up to 63 letters, digits, _ and - with a letter or digit at both ends", clusterName.MatchString(r.Name))
	switch {
	case r.NeedsNodepool():
		check("nodepool", r.Nodepool, "must be up to 12 lower-case letters and digits, starting with a letter; Windows pools cannot have custom CAs", poolName.MatchString(r.Nodepool))
	case r.Nodepool != "" && r.Action != Enable:
		problems = append(problems, errors.New("--nodepool is not supported here, because CAs apply to the whole cluster; leave it out"))
	}
	if r.Action.NeedsFile() {
		check("ca-file", r.File, "must not contain control or invisible characters", !strings.ContainsFunc(r.File, printable.IsUnsafe))
	}
	if slices.ContainsFunc(r.Extra, func(s string) bool { return strings.ContainsFunc(s, printable.IsUnsafe) }) {
		problems = append(problems, errors.New("arguments for az must not contain control or invisible characters"))
	}
	return problems
}

func (r Request) file() string { return shell.Path(r.File) }
