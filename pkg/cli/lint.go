package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/source"
)

type lintFlags struct {
	project                    projectFlags
	output, color, at, explain string
	failOn                     string
	allow                      []string
	program                    string // as it was called
}

func newLintCmd(env Env) *cobra.Command {
	var f lintFlags
	cmd := &cobra.Command{
		Use:   "lint [PATH...]",
		Short: "Judge certs.yaml or manifests before anybody applies them",
		Long: "Judge what certs.yaml means in each environment, and the CA certificates that it names:\n" +
			"what cert-manager, an ACME CA or a controller will refuse or pass over, what is about\n" +
			"to expire, what should not be in Git. Each finding has a stable ID, a place, a reason\n" +
			"and a fix. Needs no cluster.\n\n" +
			"A PATH is judged instead of certs.yaml: a kustomization, a file, - for stdin, a folder\n" +
			"or git:REVISION:PATH. Of a folder each kustomization that no other refers to is judged\n" +
			"by itself, and the manifests that are in none together.\n\n" +
			"Findings that you agree with: --allow C203,T006 for all, allow: in an entry of trust, or\n" +
			"the annotation " + plan.AllowAnnotation + ": \"C203\" on an object.\n\n" +
			"Exit codes: 0 no findings, 1 errors or warnings (--fail-on), 2 failed.",
		Example: "  kubectl certs lint\n" +
			"  kubectl certs lint overlays/prod\n" +
			"  kubectl certs lint -o github --fail-on error\n" +
			"  kubectl certs lint --explain C101",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := noNamespace(cmd); err != nil {
				return err
			}
			f.program = cmd.Root().DisplayName()
			if f.explain != "" {
				return f.explainRule(env)
			}
			if len(args) > 0 && cmd.Flag("filename").Changed {
				return fmt.Errorf("-f names a certs.yaml, and %s is judged instead of one; leave out either", args[0])
			}
			in, err := f.input(args)
			if err != nil {
				return err
			}
			return lintRun(cmd.Context(), env, in)
		},
	}
	flags := cmd.Flags()
	f.project.addFile(flags, "certs.yaml", "the certs.yaml to judge; - is stdin")
	flags.StringVarP(&f.project.environment, "environment", "e", "", "only this environment")
	flags.StringVarP(&f.output, "output", "o", "", "wide (with reasons), json, yaml, or github (annotations of a pull request)")
	flags.StringVar(&f.color, "color", "auto", "auto, always or never")
	flags.StringSliceVar(&f.allow, "allow", nil, "findings to take for notes, as in C203,T006")
	flags.StringVar(&f.failOn, "fail-on", string(finding.Warning), "exit 1 from this on: error, warning, note, or never")
	flags.StringVar(&f.at, "at", "", "judge as of this date, as in 2027-03-01 (default: now)")
	flags.StringVar(&f.explain, "explain", "", "tell what a finding means, as in C101; all lists them")
	f.complete(cmd)
	return cmd
}

// complete offers the words that flags take.
func (lintFlags) complete(cmd *cobra.Command) {
	offer(cmd, "output", "wide", "json", "yaml", "github")
	offer(cmd, "fail-on", "error", "warning", "note", "never")
	var ids []string
	for _, r := range allRules() {
		ids = append(ids, r.ID+"\t"+r.What)
	}
	offer(cmd, "allow", ids...)
	offer(cmd, "explain", append(ids, "all\tof them in a line each")...)
}

// allRules are those of lint, and those of CA certificates.
func allRules() []finding.Rule {
	rules := lint.Rules()
	for _, t := range cabundle.Rules() {
		r, _ := lint.RuleOf(t.ID)
		rules = append(rules, r)
	}
	return rules
}

type lintInput struct {
	lintFlags
	paths []string
	now   time.Time
}

func (f lintFlags) input(paths []string) (lintInput, error) {
	in := lintInput{lintFlags: f, paths: paths}
	if err := oneOf("output", f.output, "", "wide", "json", "yaml", "github"); err != nil {
		return in, err
	}
	if err := oneOf("color", f.color, "auto", "always", "never"); err != nil {
		return in, err
	}
	if err := oneOf("fail-on", f.failOn, "error", "warning", "note", "never"); err != nil {
		return in, err
	}
	for i, id := range f.allow {
		f.allow[i] = strings.TrimSpace(id)
		id = f.allow[i]
		if _, known := lint.RuleOf(id); !known {
			return in, withHint(fmt.Errorf("--allow %q: no such finding", id), "kubectl certs lint --explain all lists them")
		}
	}
	var err error
	if in.now, err = asOf(f.at); err != nil {
		return in, err
	}
	if n := len(slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p != source.Stdin })); n > 1 {
		return in, errors.New("stdin can be one path only")
	}
	return in, nil
}

func lintRun(ctx context.Context, env Env, in lintInput) error {
	c := lintResult{now: in.now}
	if len(in.paths) > 0 {
		c.paths(ctx, env, in.paths, in.project.environment)
	} else if err := c.certs(ctx, env, in.project); err != nil {
		return err
	}
	for i, f := range c.found {
		if slices.Contains(in.allow, f.ID) && !f.Firm {
			c.found[i].Severity = finding.Note
		}
	}
	if err := in.print(env, c.found); err != nil {
		return err
	}
	if (in.output == "" || in.output == "wide") && c.objects+len(c.roots) > 0 {
		env.say("%s: %s", c.judged(), c.summary())
	}
	if len(c.failed) > 0 {
		return all(c.failed...)
	}
	if in.fails(c.found) {
		return errFound
	}
	return nil
}

// fails reports whether a finding is as severe as --fail-on says.
func (in lintInput) fails(found []lint.Merged) bool {
	ranks := []string{"error", "warning", "note"}
	limit := slices.Index(ranks, in.failOn) // never is -1
	return slices.ContainsFunc(found, func(f lint.Merged) bool { return slices.Index(ranks, string(f.Severity)) <= limit })
}

// explainRule tells of one rule, or of all in a line each.
func (f lintFlags) explainRule(env Env) error {
	if f.explain == "all" {
		for _, r := range allRules() {
			fmt.Fprintf(env.Out, "%s  %-7s  %s\n", r.ID, r.Severity, r.What)
		}
		return nil
	}
	r, known := lint.RuleOf(f.explain)
	if !known {
		return withHint(fmt.Errorf("--explain %q: no such finding", f.explain), "kubectl certs lint --explain all lists them")
	}
	fmt.Fprintf(env.Out, "%s  %s  %s\n\nwhy: %s\nfix: %s\n", r.ID, r.Severity, r.What, r.Why, strings.ReplaceAll(r.Fix, "kubectl certs", f.program))
	return nil
}
