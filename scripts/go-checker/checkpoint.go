package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A checkpoint is what the log signed: so many leaves, this root.
type checkpoint struct {
	name string
	text string
	size int64
	root tlog.Hash
}

func readVerifier(file string) (note.Verifier, error) {
	vkey, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(strings.TrimSuffix(string(vkey), "\n"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return verifier, nil
}

func readCheckpoint(dir, name string, verifier note.Verifier) (checkpoint, error) {
	signed, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return checkpoint{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return checkpoint{}, fmt.Errorf("%s: %w", name, err)
	}
	read, err := parseCheckpoint(opened.Text)
	if err != nil {
		return checkpoint{}, fmt.Errorf("%s: %w", name, err)
	}
	if origin, _, _ := strings.Cut(opened.Text, "\n"); origin != verifier.Name() {
		return checkpoint{}, fmt.Errorf("%s: is of another origin than the key", name)
	}
	read.name = name
	return read, nil
}

// parseCheckpoint reads the three lines of C2SP tlog-checkpoint; tlog.ParseTree reads the Go checksum database's, which differ.
func parseCheckpoint(text string) (checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return checkpoint{}, fmt.Errorf("has not three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, fmt.Errorf("has no tree size in its second line")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return checkpoint{}, fmt.Errorf("has no root hash in its third line")
	}
	return checkpoint{text: text, size: size, root: root}, nil
}

// readPublished reads checkpoints/SIZE, the smallest tree first.
func readPublished(dir string, verifier note.Verifier) ([]checkpoint, error) {
	files, err := os.ReadDir(filepath.Join(dir, "checkpoints"))
	if err != nil {
		return nil, err
	}
	var published []checkpoint
	for _, file := range files {
		name := "checkpoints/" + file.Name()
		read, err := readCheckpoint(dir, name, verifier)
		if err != nil {
			return nil, err
		}
		if strconv.FormatInt(read.size, 10) != file.Name() {
			return nil, fmt.Errorf("%s: is for a tree of %d", name, read.size)
		}
		published = append(published, read)
	}
	sort.Slice(published, func(i, j int) bool { return published[i].size < published[j].size })
	return published, nil
}
