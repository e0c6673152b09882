package overlay

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// oneBuild is the only global variable of the project: kustomize builds race on
// kustomize's globals (api v0.21.2; kustomize#4824 is only partly fixed).
var oneBuild sync.Mutex

// kustomizer builds with kustomize. The zero value is ready to use.
type kustomizer struct {
	loads  int // of kustomizations
	builds int
}

func (k *kustomizer) build(budget *limits.Budget, fsys fs.FS, dir string) ([]manifest.Object, error) {
	checked, err := checkLocal(budget, fsys, dir)
	if err != nil {
		return nil, err
	}
	if err := k.checkLoads(budget, fsys, dir); err != nil {
		return nil, err
	}
	oneBuild.Lock()
	defer oneBuild.Unlock()
	files := &readOnly{FS: fsys, checked: checked, budget: budget}
	var resources resmap.ResMap
	err = panics.Guard(func() (err error) {
		resources, err = krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, "/"+dir)
		return err
	})()
	if stopped := cmp.Or(budget.Err(), files.refused); stopped != nil {
		return nil, stopped
	}
	if bug, panicked := errors.AsType[*panics.Error](err); panicked {
		return nil, fmt.Errorf("build %s: kustomize panics, usually because of an invalid object; check kind and metadata of each object (%s)", shown(fsys, dir), bug.Error())
	}
	if err != nil {
		return nil, fmt.Errorf("build %s: %s", shown(fsys, dir), quoting.ReplaceAllString(userInfo.ReplaceAllString(err.Error(), "//…@"), "${1}…"))
	}
	text, err := resources.AsYaml()
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", shown(fsys, dir), err)
	}
	return manifest.Decode(text)
}

// checkLoads returns an error for a kustomization that includes others more
// often than kustomize can build.
func (k *kustomizer) checkLoads(budget *limits.Budget, fsys fs.FS, dir string) error {
	c := loadCounter{budget: budget, fsys: fsys, known: map[string]load{}}
	sum := c.folder(dir)
	if err := budget.Err(); err != nil {
		return err
	}
	k.builds++
	switch {
	case sum.kustomizations > maxLoads:
		return tooManyLoads(shown(fsys, dir), sum.kustomizations)
	case sum.bytes > maxLoadedBytes && sum.bytes > maxRepeats*c.distinct:
		return fmt.Errorf("build %s: kustomize would read %d MiB from files of %d MiB, over the limit of %d MiB, because kustomizations are included repeatedly; include each one once", shown(fsys, dir), sum.bytes>>20, c.distinct>>20, maxLoadedBytes>>20)
	case k.loads+sum.kustomizations > maxLoads+loadsPerBuild*k.builds:
		return fmt.Errorf("build %s: kustomize has loaded %d kustomizations and would load %d more, over the limit of %d for %d builds; pass fewer of them at once", shown(fsys, dir), k.loads, sum.kustomizations, maxLoads+loadsPerBuild*k.builds, k.builds)
	}
	k.loads += sum.kustomizations
	return nil
}

// quoting matches where kustomize's errors start to quote the input, which may
// be a secret.
var quoting = regexp.MustCompile(`(?s)(literal sources? |with config: |patch from \[|decoding |node contents:|JSON patch).*`)

// readOnly lets kustomize read files within the limits from an fs.FS, with "/"
// as its root. It does not read kustomizations in folders that were not
// checked.
type readOnly struct {
	fs.FS
	checked map[string]bool
	budget  *limits.Budget
	refused error // the first file over a limit; kustomize hides some errors
}

var errReadOnly = errors.New("read-only")

func (*readOnly) Create(string) (filesys.File, error)   { return nil, errReadOnly }
func (*readOnly) Mkdir(string) error                    { return errReadOnly }
func (*readOnly) MkdirAll(string) error                 { return errReadOnly }
func (*readOnly) RemoveAll(string) error                { return errReadOnly }
func (*readOnly) WriteFile(string, []byte) error        { return errReadOnly }
func (*readOnly) Glob(pattern string) ([]string, error) { return nil, nil }

// ReadFile implements filesys.FileSystem. kustomize expands aliases without a
// limit and takes quadratic time for nesting, so both are checked first.
func (r *readOnly) ReadFile(name string) ([]byte, error) {
	if err := r.budget.Err(); err != nil {
		return nil, err
	}
	if IsKustomization(name) && !r.checked[path.Dir(inside(name))] {
		return nil, fmt.Errorf("%s: its references were not checked", name)
	}
	data, err := fs.ReadFile(r.FS, inside(name))
	if err != nil {
		return nil, err
	}
	if err := checkYAML(r.budget, data, 0); err != nil {
		r.refused = cmp.Or(r.refused, fmt.Errorf("%s: %w", shown(r.FS, inside(name)), err))
		return nil, r.refused
	}
	return data, nil
}

// Open implements filesys.FileSystem. kustomize reads files with ReadFile.
func (r *readOnly) Open(name string) (filesys.File, error) {
	return nil, &fs.PathError{Op: "open", Path: inside(name), Err: errors.ErrUnsupported}
}

func (r *readOnly) IsDir(name string) bool {
	info, err := fs.Stat(r.FS, inside(name))
	return err == nil && info.IsDir()
}

func (r *readOnly) Exists(name string) bool {
	_, err := fs.Stat(r.FS, inside(name))
	return err == nil
}

func (r *readOnly) ReadDir(name string) ([]string, error) {
	entries, err := fs.ReadDir(r.FS, inside(name))
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

func (r *readOnly) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	clean := path.Join("/", inside(name))
	real, err := resolve(r.FS, inside(name))
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", clean, problem.Reason(err))
	}
	info, err := fs.Stat(r.FS, real)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", clean, fs.ErrNotExist)
	}
	clean = path.Join("/", real)
	if info.IsDir() {
		return filesys.ConfirmedDir(clean), "", nil
	}
	return filesys.ConfirmedDir(path.Dir(clean)), path.Base(clean), nil
}

func (r *readOnly) Walk(name string, walk filepath.WalkFunc) error {
	return fs.WalkDir(r.FS, inside(name), func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return walk("/"+p, nil, err)
		}
		info, err := d.Info()
		return walk("/"+p, info, err)
	})
}

// inside converts a path of kustomize to one of the fs.FS.
func inside(name string) string {
	clean := strings.TrimPrefix(path.Join("/", filepath.ToSlash(name)), "/")
	if clean == "" {
		return "."
	}
	return clean
}
