package main

import (
	"bytes"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// A tree is made of the entries alone, so that the tiles can be held to it.
type tree struct {
	size   int64
	leaves []tlog.Hash
	stored storedHashes
}

type storedHashes []tlog.Hash

func (stored storedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(stored)) {
			return nil, fmt.Errorf("the tree has no hash %d", index)
		}
		hashes[i] = stored[index]
	}
	return hashes, nil
}

// makeTree reads every entry and says whether the tree that they make is the one that was signed.
func makeTree(dir string, newest checkpoint) (*tree, error) {
	made := &tree{size: newest.size}
	for index := int64(0); index*width < newest.size; index++ {
		wide := width
		if rest := newest.size - index*width; rest < width {
			wide = int(rest)
		}
		entries, err := readBundle(dir, index, wide)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			leaf := tlog.RecordHash(entry)
			hashes, err := tlog.StoredHashesForRecordHash(int64(len(made.leaves)), leaf, made.stored)
			if err != nil {
				return nil, err
			}
			made.leaves = append(made.leaves, leaf)
			made.stored = append(made.stored, hashes...)
		}
		if err := checkLeaves(dir, made, index, wide); err != nil {
			return nil, err
		}
	}
	root, err := tlog.TreeHash(newest.size, made.stored)
	if err != nil {
		return nil, err
	}
	if root != newest.root {
		return nil, fmt.Errorf("checkpoint: its root is not that of the entries")
	}
	return made, nil
}

// checkLeaves says where a bundle and its tile differ, so that the entry at fault is named.
func checkLeaves(dir string, made *tree, index int64, wide int) error {
	tile := tlog.Tile{H: height, L: 0, N: index, W: wide}
	data, err := readTile(dir, tile)
	if err != nil {
		return err
	}
	if len(data) != wide*tlog.HashSize {
		return fmt.Errorf("%s: has %d bytes", hashTilePath(tile), len(data))
	}
	for at := 0; at < wide; at++ {
		leaf := made.leaves[index*width+int64(at)]
		if !bytes.Equal(leaf[:], data[at*tlog.HashSize:(at+1)*tlog.HashSize]) {
			return fmt.Errorf("%s: does not hold the hash of entry %d", hashTilePath(tile), index*width+int64(at))
		}
	}
	return nil
}

// checkTiles holds every tile of hashes, of every tree that was signed, to the entries.
func checkTiles(dir string, made *tree, published []checkpoint) error {
	before := int64(0)
	for _, signed := range published {
		if signed.size > made.size {
			return fmt.Errorf("%s: is for a larger tree than the newest checkpoint", signed.name)
		}
		for _, tile := range tlog.NewTiles(height, before, signed.size) {
			data, err := readTile(dir, tile)
			if err != nil {
				return err
			}
			want, err := tlog.ReadTileData(tile, made.stored)
			if err != nil {
				return err
			}
			if !bytes.Equal(data, want) {
				return fmt.Errorf("%s: is not what the entries make", hashTilePath(tile))
			}
		}
		before = signed.size
	}
	return nil
}
