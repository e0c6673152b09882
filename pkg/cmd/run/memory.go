package run

import (
	"os"
	"runtime/debug"
)

// softMemoryLimit makes the collector work harder before it is passed. It is not
// enforced, and 10,000 certificates stay below it.
const softMemoryLimit = 80 << 20

// limitMemory makes the collector trade a little time at the start for memory,
// which is dearer in a pod.
func limitMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemoryLimit)
	}
}
