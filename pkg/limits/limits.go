package limits

import (
	"fmt"
	"strings"
)

// Limits for one file. docs/limits.md explains how they were chosen.
const (
	MaxFile      = 64 << 20 // bytes
	MaxDocuments = 100_000  // YAML documents
	MaxDepth     = 200      // levels of YAML or JSON, through aliases too
	MaxBlocks    = 10_000   // PEM blocks
)

// Size returns an error for a file that has more than MaxFile bytes.
func Size(bytes int64) error {
	if bytes > MaxFile {
		return fmt.Errorf("over the limit of %d MiB for one file; split it", MaxFile>>20)
	}
	return nil
}

// Blocks returns an error for a text with more than MaxBlocks PEM blocks.
func Blocks(text string) error {
	if n := strings.Count(text, "-----BEGIN "); n > MaxBlocks {
		return fmt.Errorf("%d PEM blocks, over the limit of %d for one file; split it", n, MaxBlocks)
	}
	return nil
}

// Error is a line of a file that exceeds a limit.
type Error struct {
	Line   int
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }
