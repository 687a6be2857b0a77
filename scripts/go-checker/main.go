// Command go-checker holds a Merkle log on disk to Go's own implementation of notes and trees. It shares no code with what
// wrote the log: see schema/log.md, section 2, for the files.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go-checker LOG_DIR VKEY_FILE")
		os.Exit(2)
	}
	newest, err := checkLog(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("ok: %d entries, root %v\n", newest.size, newest.root)
}

func checkLog(dir, vkeyFile string) (checkpoint, error) {
	verifier, err := readVerifier(vkeyFile)
	if err != nil {
		return checkpoint{}, err
	}
	newest, err := readCheckpoint(dir, "checkpoint", verifier)
	if err != nil {
		return checkpoint{}, err
	}
	published, err := readPublished(dir, verifier)
	if err != nil {
		return checkpoint{}, err
	}
	if len(published) == 0 || published[len(published)-1].text != newest.text {
		return checkpoint{}, fmt.Errorf("checkpoint: is not the last of checkpoints/")
	}
	made, err := makeTree(dir, newest)
	if err != nil {
		return checkpoint{}, err
	}
	if err := checkTiles(dir, made, published); err != nil {
		return checkpoint{}, err
	}
	if err := checkProofs(dir, made, published); err != nil {
		return checkpoint{}, err
	}
	return newest, nil
}
