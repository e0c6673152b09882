package plan

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// PodsVolume is the name of the volume with which the component of an entry of
// trust mounts its bundle. It must be unique in a workload: kustomize merges
// volumes of the same name.
func PodsVolume(entry string) string {
	const prefix, sum = "kubectl-certs-", 8
	if n := validation.DNS1123LabelMaxLength - len(prefix); len(entry) > n {
		entry = entry[:n-sum-1] + "-" + fmt.Sprintf("%x", sha256.Sum256([]byte(entry)))[:sum]
	}
	return prefix + entry
}

// Workload is a kind of object with pods, and the path of their spec.
type Workload struct{ APIVersion, Kind, PodSpec string }

// Path is PodSpec as a list of fields.
func (w Workload) Path() []string { return strings.Split(w.PodSpec, ".") }

// Workloads are the kinds into which the component mounts a bundle.
func Workloads() []Workload {
	return []Workload{
		{"apps/v1", "Deployment", "spec.template.spec"},
		{"apps/v1", "StatefulSet", "spec.template.spec"},
		{"apps/v1", "DaemonSet", "spec.template.spec"},
		{"batch/v1", "Job", "spec.template.spec"},
		{"batch/v1", "CronJob", "spec.jobTemplate.spec.template.spec"},
	}
}
