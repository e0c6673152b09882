package cmd

import (
	"flag"
	"fmt"
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

// sameMeaning are the flags whose usage differs between commands, with all usages
// that mean the same: some say more, or what is particular to a command.
var sameMeaning = map[string][]string{
	"all-namespaces": {
		"all namespaces, not only the context's",
		"all namespaces (the default)",
	},
	"allow": {
		"report these findings as notes, such as C203,T006",
		"report these findings as notes, such as T001,T004",
		"accept these findings, such as T001,T004",
	},
	"check": {
		"write nothing; exit 1 if the tree is out of date",
		"exit 1 if a certificate needs attention",
	},
	"cluster-resource-namespace": {
		"namespace of the Secrets of ClusterIssuers",
		"namespace of the Secrets of ClusterIssuers (default: any namespace)",
	},
	"dry-run": {
		"none, or server: validate on the server, change nothing",
		"client: only show what would be written",
		"client: only show the plan",
	},
	"environment": {
		"only this environment",
		"environment of certs.yaml to apply; needed if it has several",
		"environment to print with -o",
		"environment of certs.yaml",
		"with -f: environment of certs.yaml",
	},
	"filename": {
		"certs.yaml to read; - is stdin",
		"certs.yaml and manifests: files, folders, - for stdin",
		"certs.yaml, and with --live manifests: files, folders, - for stdin",
		"certs.yaml and manifests to check: files, folders, - for stdin",
		"read requests from files; - is stdin",
		"read requests from this certs.yaml or manifests (files, folders, - for stdin), not from the cluster",
		"file of the rotation; - is stdin",
	},
	"kustomize": {
		"read objects from this kustomization, not certs.yaml",
		"read requests from a kustomization",
		"read requests from this kustomization, not from the cluster",
	},
	"output": {
		"output format: text, json, markdown",
		"output format: text, wide, json, yaml, github, sarif",
		"output format: json, yaml",
		"output format: json, yaml, pem",
		"output format: json, yaml, wide, custom-columns=…, jsonpath=…, go-template=…",
		"output format: json, yaml, name, wide, custom-columns=…, jsonpath=…, go-template=…",
		"print objects instead of writing files; output format: json, yaml, name, custom-columns=…, jsonpath=…, go-template=…",
		"with --dry-run: json, yaml, name, wide, …",
	},
	"password-file": {
		"file with the password of PKCS#12 and JKS files",
		"file with the password of PKCS#12 and JKS files (default: tries none and changeit)",
	},
	"prune": {
		"delete applied objects that are no longer desired",
		"with --live: show objects that apply --prune would delete",
	},
}

// flagProblems returns the flags and shorthands that mean different things in the
// commands below root, or in kubectl or klog.
func flagProblems(root *cobra.Command) []string {
	found := map[string][]flagUse{}
	uses(root, found)
	shorthands := map[string]string{"h": "help"}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(found)) {
		first := found[name][0]
		several := slices.ContainsFunc(found[name], func(u flagUse) bool { return u.Usage != first.Usage })
		for _, use := range found[name] {
			if use.Shorthand != first.Shorthand || use.Type != first.Type {
				all = append(all, fmt.Sprintf("--%s is -%s %s, and -%s %s", name, first.Shorthand, first.Type, use.Shorthand, use.Type))
			}
			if other, taken := shorthands[use.Shorthand]; taken && other != name && use.Shorthand != "" {
				all = append(all, fmt.Sprintf("-%s is --%s and --%s", use.Shorthand, other, name))
			}
			shorthands[use.Shorthand] = name
			if several && !slices.Contains(sameMeaning[name], use.Usage) {
				all = append(all, fmt.Sprintf("--%s has another usage, give it one that is listed, or list it if it means the same: %s", name, use.Usage))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sameMeaning)) {
		for _, usage := range sameMeaning[name] {
			if !slices.ContainsFunc(found[name], func(u flagUse) bool { return u.Usage == usage }) {
				all = append(all, fmt.Sprintf("--%s has this usage in no command: %s", name, usage))
			}
		}
	}
	theirs := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(theirs)
	theirs.VisitAll(func(f *flag.Flag) {
		if f.Name != verbosityFlag && found[f.Name] != nil {
			all = append(all, fmt.Sprintf("--%s is a flag of klog: %s", f.Name, f.Usage))
		}
	})
	return all
}

// TestFlagsMeanOneThing: a flag and a shorthand mean the same in every command,
// and are not those of kubectl or klog with another meaning.
func TestFlagsMeanOneThing(t *testing.T) {
	for _, problem := range flagProblems(newRootCmd(&cmdutil.Factory{}, "kubectl certs")) {
		t.Error(problem)
	}
}

// TestFlagsCanFail: each rule has a flag that breaks it.
func TestFlagsCanFail(t *testing.T) {
	const another = " has another usage, give it one that is listed, or list it if it means the same: "
	for name, test := range map[string]struct {
		add  func(*pflag.FlagSet)
		want []string
	}{
		"a second usage": {
			func(f *pflag.FlagSet) { f.Bool("adopt", false, "another usage") },
			[]string{"--adopt" + another + "adopt TLS Secrets made by other tools", "--adopt" + another + "another usage"},
		},
		"another usage of a flag with several": {
			func(f *pflag.FlagSet) { f.Bool("check", false, "check the spelling") },
			[]string{"--check" + another + "check the spelling"},
		},
		"a second type": {
			func(f *pflag.FlagSet) { f.Bool("recursive", false, "with -f FOLDER: read its subfolders too") },
			[]string{"--recursive is -R bool, and - bool"},
		},
		"a second meaning of a shorthand": {
			func(f *pflag.FlagSet) { f.StringP("folder", "f", "", "another meaning of -f") },
			[]string{"-f is --filename and --folder"},
		},
		"a flag of klog": {
			func(f *pflag.FlagSet) { f.Bool("logtostderr", false, "log") },
			[]string{"--logtostderr is a flag of klog: log to standard error instead of files"},
		},
		"a flag of kubectl": {
			func(f *pflag.FlagSet) { f.String("token", "", "another usage") },
			[]string{"--token" + another + "Bearer token for authentication to the API server", "--token" + another + "another usage"},
		},
	} {
		root := newRootCmd(&cmdutil.Factory{}, "kubectl certs")
		cmd := &cobra.Command{Use: "x"}
		test.add(cmd.Flags())
		root.AddCommand(cmd)
		if diff := cmp.Diff(test.want, flagProblems(root)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
