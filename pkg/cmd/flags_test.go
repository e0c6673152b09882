package cmd

import (
	"flag"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/klog/v2"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
)

// flagUse is a flag of a command, as far as its meaning depends on it.
type flagUse struct {
	Shorthand, Type, Usage string
}

// uses returns all flags of all commands by name, kubectl's included.
func uses(cmd *cobra.Command, found map[string][]flagUse) {
	add := func(f *pflag.Flag) {
		use := flagUse{f.Shorthand, f.Value.Type(), f.Usage}
		if f.Name != "help" && !slices.Contains(found[f.Name], use) {
			found[f.Name] = append(found[f.Name], use)
		}
	}
	cmd.LocalFlags().VisitAll(add)
	cmd.PersistentFlags().VisitAll(add)
	for _, sub := range cmd.Commands() {
		uses(sub, found)
	}
}

// sameMeaning are the flags whose usage differs between commands although they
// mean the same: it says more in some of them.
var sameMeaning = []string{
	"all-namespaces", "allow", "check", "cluster-resource-namespace", "dry-run", "environment", "filename", "kustomize", "output",
	"password-file", "prune",
}

// TestFlagsMeanOneThing: a flag and a shorthand mean the same in every command,
// and are not those of kubectl or klog with another meaning.
func TestFlagsMeanOneThing(t *testing.T) {
	found := map[string][]flagUse{}
	uses(newRootCmd(&cmdutil.Factory{}, "kubectl certs"), found)
	shorthands := map[string]string{"h": "help"}
	var several []string
	for _, name := range slices.Sorted(maps.Keys(found)) {
		for _, use := range found[name] {
			if use.Shorthand != found[name][0].Shorthand || use.Type != found[name][0].Type {
				t.Errorf("--%s differs between commands (-first +other):\n%s", name, cmp.Diff(found[name][0], use))
			}
			if other, taken := shorthands[use.Shorthand]; taken && other != name && use.Shorthand != "" {
				t.Errorf("-%s is --%s and --%s", use.Shorthand, other, name)
			}
			shorthands[use.Shorthand] = name
		}
		if len(found[name]) > 1 {
			several = append(several, name)
		}
	}
	if diff := cmp.Diff(sameMeaning, several); diff != "" {
		t.Errorf("flags with several usages; give them one, or list them if they mean the same (-listed +found):\n%s", diff)
	}
	theirs := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(theirs)
	theirs.VisitAll(func(f *flag.Flag) {
		if f.Name != verbosityFlag && found[f.Name] != nil {
			t.Errorf("--%s is a flag of klog: %s", f.Name, f.Usage)
		}
	})
}

// TestFlagsCanFail: the test above notices a second meaning.
func TestFlagsCanFail(t *testing.T) {
	root := newRootCmd(&cmdutil.Factory{}, "kubectl certs")
	cmd := &cobra.Command{Use: "x"}
	cmd.Flags().StringP("file", "f", "", "another meaning of -f")
	cmd.Flags().Bool("output", false, "not a format")
	root.AddCommand(cmd)
	found := map[string][]flagUse{}
	uses(root, found)
	if len(found["file"]) != 1 || found["file"][0].Shorthand != found["filename"][0].Shorthand {
		t.Errorf("found no second meaning of -f: %v and %v", found["file"], found["filename"])
	}
	if !slices.ContainsFunc(found["output"], func(u flagUse) bool { return u.Type == "bool" }) {
		t.Errorf("found no second type of --output: %v", found["output"])
	}
}
