package cmdutil

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/source"
)

// ProjectFlags name a certs.yaml, the tree that belongs to it, and for some
// commands manifests beside it.
type ProjectFlags struct {
	File             string // the certs.yaml, or the first of several names
	Dir, Environment string
	filenames        Filenames // of --filename; empty where another file names the certs.yaml
	recursive        bool
}

// usualFile is the certs.yaml where the user names none.
const usualFile = "certs.yaml"

// AddTo adds --filename, --dir and --environment to a command.
func (p *ProjectFlags) AddTo(cmd *cobra.Command) {
	p.AddFile(cmd, usualFile, "certs.yaml to read; - is stdin")
	p.AddDir(cmd)
	p.AddEnvironment(cmd, "environment to print with -o")
}

// AddDir adds --dir.
func (p *ProjectFlags) AddDir(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&p.Dir, "dir", "d", "", "folder of the tree (default: the folder of certs.yaml)")
}

// AddFile adds --filename, which may be given several times.
func (p *ProjectFlags) AddFile(cmd *cobra.Command, usual, usage string) {
	p.File = usual
	p.filenames.AddTo(cmd, &p.File, usage)
}

// AddRecursive adds --recursive, for a command that reads manifests too.
func (p *ProjectFlags) AddRecursive(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&p.recursive, "recursive", "R", false, "with -f FOLDER: read its subfolders too")
}

// AddEnvironment adds --environment, which is completed from the certs.yaml of
// --filename.
func (p *ProjectFlags) AddEnvironment(cmd *cobra.Command, usage string) {
	cmd.Flags().StringVarP(&p.Environment, "environment", "e", "", usage)
	complete := func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		names := p.filenames.unique()
		if slices.Contains(names, project.Stdin) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		doc, err := project.Parse(project.Options{File: cmp.Or(p.path(), filetree.FindUp(usualFile)), Files: names, Recursive: p.recursive})
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return project.EnvironmentNames(doc), cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc("environment", complete); err != nil {
		panic(err) // the command has no such flag
	}
}

// Named reports whether --filename is given.
func (p *ProjectFlags) Named() bool { return len(p.filenames.Names) > 0 }

// path returns the path of the certs.yaml. Where the user does not name it, it is
// looked for in the folders above too.
func (p *ProjectFlags) path() string {
	if p.Named() || p.filenames.first == nil || p.File == "" {
		return p.File
	}
	return filetree.FindUp(p.File)
}

// Options are those of the project that the flags name.
func (p *ProjectFlags) Options(f *Factory) project.Options {
	return project.Options{
		File: p.path(), Named: p.Named(), Files: p.filenames.Names, Recursive: p.recursive,
		Dir: p.Dir, Environment: p.Environment,
		Stdin: f.IO.In, Limits: f.Limits, Now: time.Now(),
		Note:     func(note string) { f.IO.Messagef("note: %s", note) },
		Report:   func(finding string) { f.IO.Messagef("%s", finding) },
		Progress: f.IO.Progressing,
	}
}

// Open reads certs.yaml and the certificates that it names. Manifests beside it
// are an error.
func (p *ProjectFlags) Open(ctx context.Context, f *Factory) (*project.Project, error) {
	opened, err := project.Open(ctx, p.Options(f))
	return opened, MissingHint(err)
}

// Parse reads certs.yaml alone. Manifests beside it are an error.
func (p *ProjectFlags) Parse(f *Factory) (config.Document, error) {
	doc, err := project.Parse(p.Options(f))
	return doc, MissingHint(err)
}

// MissingHint says what to do without a certs.yaml, or with a kustomization.
func MissingHint(err error) error {
	if e, ok := errors.AsType[*source.KustomizationError](err); ok {
		return hint.With(err, e.Folder()+" is a kustomization; -f names the certs.yaml that it is generated from")
	}
	if e, missing := errors.AsType[*project.NotFoundError](err); missing && !e.Named {
		return hint.With(err, "name the file with -f, or begin with a certs.yaml such as this, with your names:\n"+firstCerts)
	}
	return err
}

// firstCerts is a certs.yaml to begin with.
const firstCerts = `  apiVersion: kubectl-certs.dev/v1alpha1
  kind: Certs
  metadata: {name: web}
  issuers:
  - name: letsencrypt
    acme:
      server: letsencrypt
      solvers:
      - http01: {ingressClassName: nginx}
  expose:
  - name: web
    namespace: default
    host: www.example.com
    className: nginx
    issuer: letsencrypt
    routes:
    - {path: /, service: web, port: 80}`

// TargetFlags name what is to be in a cluster: a kustomization, or an environment
// of a certs.yaml.
type TargetFlags struct {
	Kustomize, Set string
	Prune          bool // which needs a name of the set
	// PruneCertificates includes objects that own TLS Secrets in Prune.
	PruneCertificates bool
}

// AddTo adds --kustomize and --set to a command.
func (t *TargetFlags) AddTo(cmd *cobra.Command) {
	t.AddKustomize(cmd, "read objects from this kustomization, not certs.yaml")
	cmd.Flags().StringVar(&t.Set, "set", "", "label by which --prune finds the objects (default: name_environment of certs.yaml)")
}

// AddKustomize adds --kustomize.
func (t *TargetFlags) AddKustomize(cmd *cobra.Command, usage string) {
	cmd.Flags().StringVarP(&t.Kustomize, "kustomize", "k", "", usage)
}

// AddPrune adds --prune.
func (t *TargetFlags) AddPrune(cmd *cobra.Command, usage string) {
	cmd.Flags().BoolVar(&t.Prune, "prune", false, usage)
	cmd.Flags().BoolVar(&t.PruneCertificates, "prune-certificates", false, "with --prune: also objects that own TLS Secrets, which are kept")
}

// Load builds the kustomization, or plans the one environment of the project and
// adds the manifests of --filename.
func (t *TargetFlags) Load(ctx context.Context, f *Factory, p *ProjectFlags) (project.Target, error) {
	target, err := t.read(ctx, f, p)
	target.Set = cmp.Or(t.Set, target.Set)
	if err == nil && t.Prune && target.Set == "" {
		err = hint.With(errors.New("--prune needs the name of the set of objects"), t.setHint())
	}
	return target, err
}

// setHint says where the name of a set comes from.
func (t *TargetFlags) setHint() string {
	if t.Kustomize != "" {
		return t.Kustomize + " has no annotation " + v1alpha1.SetLabel + ", which generate writes into overlays; add it, or use the same --set NAME to apply and to prune"
	}
	return "use the same --set NAME to apply and to prune"
}

func (t *TargetFlags) read(ctx context.Context, f *Factory, p *ProjectFlags) (project.Target, error) {
	if t.Kustomize != "" {
		return project.BuildTarget(f.Limits, t.Kustomize)
	}
	target, err := project.ReadTarget(ctx, p.Options(f))
	return target, filenameHint(err)
}

// filenameHint names the flags that read what --filename does not.
func filenameHint(err error) error {
	if e, ok := errors.AsType[*source.NoManifestsError](err); ok && !e.Recursive {
		return hint.With(err, "-R reads its subfolders too")
	}
	if e, ok := errors.AsType[*source.KustomizationError](err); ok {
		return hint.With(err, "-k "+e.Folder()+" builds it")
	}
	return MissingHint(err)
}
