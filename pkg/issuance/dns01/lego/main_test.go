package lego

import (
	"os"
	"testing"

	"github.com/go-acme/lego/v4/challenge"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01/process"
)

// creators are what children of the tests make their providers with.
var creators = map[string]func(name string, variables map[string][]byte) (challenge.Provider, error){}

// programs are what else the test's own program can be.
var programs = map[string]func(){}

// TestMain is the child's end where this program is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		if os.Args[1] == process.Subcommand {
			serveOrExit(&server{create: newProvider})
		}
		if create := creators[os.Args[1]]; create != nil {
			serveOrExit(&server{create: create})
		}
		if run := programs[os.Args[1]]; run != nil {
			run()
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

func serveOrExit(s *server) {
	if err := mainWith(s); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(2)
	}
	os.Exit(0)
}
