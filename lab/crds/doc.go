// Package crds installs CustomResourceDefinitions. It never installs anything
// else, such as the admission policies that some projects ship along.
package crds
