package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/shell"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
)

type rotateStatusFlags struct {
	rotateFlags
	output, gate string
}

func newTrustRotateStatusCmd(env Env, config *genericclioptions.ConfigFlags) *cobra.Command {
	var f rotateStatusFlags
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show at which step a rotation is, and what it waits for",
		Long: "Show at which step a rotation is, and what it waits for. Nothing is changed.\n\n" +
			"What is known of pods: one that was created after a place changed has read it; the time\n" +
			"of the change is the last write of whoever manages the place, so it may be later than\n" +
			"that of the certificates, and never earlier. What is not: whether a process reads what\n" +
			"its pod mounts, and certificates outside the cluster, in keystores and in memory.\n\n" +
			"With --gate, for pipelines: spread, issuance may be switched; drained, the old CA may be\n" +
			"removed; done. A gate that was passed stays open.\n\n" +
			"Exit codes: 0 shown, or the gate is open; 1 it is not; 2 failed.",
		Example: "  kubectl certs trust rotate status\n" +
			"  kubectl certs trust rotate status -f ca/rotation.yaml --gate drained",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("output", f.output, "", "wide", "json"); err != nil {
				return err
			}
			if err := oneOf("gate", f.gate, "", string(rotation.GateSpread), string(rotation.GateDrained), string(rotation.GateDone)); err != nil {
				return err
			}
			in, err := f.load(cmd, env, config)
			if err != nil {
				return err
			}
			return rotateStatusRun(cmd.Context(), env, f, in)
		},
	}
	f.add(cmd.Flags())
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "wide (all that every step waits for) or json")
	cmd.Flags().StringVar(&f.gate, "gate", "", "exit 1 unless this gate is open: spread, drained or done")
	return cmd
}

func rotateStatusRun(ctx context.Context, env Env, f rotateStatusFlags, in *rotateInput) error {
	facts, err := in.facts(ctx, env)
	if err != nil {
		return err
	}
	v := newRotateView(in, rotation.Decide(facts))
	if err := v.print(env, f.output); err != nil {
		return err
	}
	if f.gate != "" && !v.Gates[rotation.Gate(f.gate)] {
		env.say("gate %s is not open", f.gate)
		return errFound
	}
	return nil
}

// rotateView is what status prints as JSON.
type rotateView struct {
	Name     string                 `json:"name"`
	Old      []caView               `json:"old"`
	New      []caView               `json:"new"`
	Step     rotation.Step          `json:"step"`
	Early    bool                   `json:"early"` // the old CA was removed while something needs it
	Steps    []stepStateView        `json:"steps"`
	Gates    map[rotation.Gate]bool `json:"gates"`
	Warnings []string               `json:"warnings,omitempty"`
	Next     string                 `json:"next"`
}

type stepStateView struct {
	Step     rotation.Step `json:"step"`
	State    string        `json:"state"` // done, now or later; early for what was left out
	About    string        `json:"about"`
	WaitsFor []blockerView `json:"waitsFor,omitempty"`
}

type blockerView struct {
	What string `json:"what"`
	Why  string `json:"why"`
	Do   string `json:"do,omitempty"`
}

func newRotateView(in *rotateInput, s rotation.Status) rotateView {
	v := rotateView{
		Name: in.plan.Rotation.Name, Old: caViews(in.plan.Old), New: caViews(in.plan.New),
		Step: s.Step, Early: s.Early, Gates: map[rotation.Gate]bool{}, Warnings: s.Warnings, Next: in.next(s),
	}
	for _, g := range rotation.Gates {
		v.Gates[g] = s.Holds(g)
	}
	now := slices.Index(rotation.Steps, s.Step)
	for i, step := range rotation.Steps {
		view := stepStateView{Step: step, State: "later", About: in.about(step)}
		switch {
		case i < now || s.Step == rotation.Done:
			view.State = "done"
		case i == now:
			view.State = "now"
		}
		if s.Early && (step == rotation.Drain || step == rotation.Remove) {
			view.State = "early"
		}
		ahead := step != rotation.Settle || s.Step == rotation.Settle
		if view.State != "done" && ahead {
			view.WaitsFor = blockerViews(s.Blockers[step])
		}
		v.Steps = append(v.Steps, view)
	}
	return v
}

func blockerViews(blockers []rotation.Blocker) []blockerView {
	var views []blockerView
	for _, b := range blockers {
		views = append(views, blockerView(b))
	}
	return views
}

// about says what a step is.
func (in *rotateInput) about(step rotation.Step) string {
	old, fresh, bundle := rotation.Names(in.plan.Old, in.plan.New), rotation.Names(in.plan.New, in.plan.Old), in.plan.Rotation.Bundle
	return map[rotation.Step]string{
		rotation.Add:    fmt.Sprintf("%s is in %s, beside %s", fresh, bundle, old),
		rotation.Spread: "every place has it, and every pod has read it",
		rotation.Switch: "no issuer signs with " + old,
		rotation.Drain:  "nothing needs " + old,
		rotation.Remove: fmt.Sprintf("%s is out of %s", old, bundle),
		rotation.Settle: "no place has it, and no pod has read it",
	}[step]
}

// next says what a person does next.
func (in *rotateInput) next(s rotation.Status) string {
	command := in.program + " trust rotate next"
	if in.file != rotationFile {
		command += " -f " + shell.Join([]string{in.file})
	}
	switch {
	case s.Early:
		return "put " + rotation.Names(in.plan.Old, in.plan.New) + " back into " + in.plan.Rotation.Bundle + ", by git revert for instance, and let that spread"
	case s.Bundle != nil:
		return command
	}
	switch s.Step {
	case rotation.Add:
		return "name as bundle, in " + in.file + ", the file that the places are made from"
	case rotation.Spread, rotation.Settle:
		return in.rewrite() + ", let it get there, and restart what has not read it"
	case rotation.Switch:
		if !slices.ContainsFunc(in.plan.Rotation.Issuers, func(i rotation.Issuer) bool { return i.File != "" }) {
			return "let the issuers sign with the new CA, as is said of each, and renew the certificates"
		}
		return command + " edits the files that are named; apply them, and renew the certificates"
	case rotation.Drain:
		return "renew the certificates, let servers load them, and clear up what nobody can tell"
	}
	return "nothing: the rotation is done, and its file can go"
}

// rewrite says how what the places hold is made from the bundle.
func (in *rotateInput) rewrite() string {
	if in.certsFile == "" {
		return "write what the places hold from " + in.plan.Rotation.Bundle
	}
	return in.generate(in.certsFile)
}

// generate returns the commands that write the trees of some certs.yaml.
func (in *rotateInput) generate(files ...string) string {
	var commands []string
	for _, file := range files {
		commands = append(commands, strings.TrimSuffix(in.program+" generate -f "+shell.Join([]string{file}), " -f certs.yaml"))
	}
	return strings.Join(append(commands, "commit"), ", ")
}

var stateColors = map[string]iostreams.Color{"done": green, "now": yellow, "later": grey, "early": red}

// manyBlockers is from where on they are counted, not listed.
const manyBlockers = 20

func (v rotateView) print(env Env, output string) error {
	if output == "json" {
		return printView(env, v, output)
	}
	table := tabwriter.NewWriter(env.Out, 0, 0, 3, ' ', 0)
	for _, s := range v.Steps {
		waits := ""
		if n := len(s.WaitsFor); n > 0 {
			waits = fmt.Sprintf(" (waits for %d)", n)
		}
		fmt.Fprintf(table, "%s\t%s\t%s%s\n", s.Step, env.in(stateColors[s.State], s.State), s.About, waits)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, s := range v.Steps {
		if s.State == "now" || s.State == "early" || output == "wide" {
			s.print(env, output == "wide")
		}
	}
	for _, w := range v.Warnings {
		env.say("warning: %s", w)
	}
	if v.Early {
		env.say("warning: %s left the bundle too early: see what drain waits for", v.Old[0].Subject)
	}
	env.say("next: %s", v.Next)
	return nil
}

// print lists what a step waits for, and what to do about it once for many.
func (s stepStateView) print(env Env, all bool) {
	for i, b := range s.WaitsFor {
		if i == 0 {
			fmt.Fprintln(env.Out)
		}
		if i == manyBlockers && !all {
			fmt.Fprintf(env.Out, "and %d more (-o wide lists them)\n", len(s.WaitsFor)-i)
			return
		}
		env.print("%s: %s", b.What, b.Why)
		if b.Do != "" {
			env.print("  %s", b.Do)
		}
	}
}
