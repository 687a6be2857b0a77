package main

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// tileFiles gives Go's reader of tiles the files of a log.
type tileFiles struct{ dir string }

func (files tileFiles) Height() int { return height }

func (files tileFiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		read, err := readTile(files.dir, tile)
		if err != nil {
			return nil, err
		}
		data[i] = read
	}
	return data, nil
}

func (files tileFiles) SaveTiles([]tlog.Tile, [][]byte) {}

// checkProofs makes proofs of the tiles, as a reader of the log would, and holds them to what was signed.
func checkProofs(dir string, made *tree, published []checkpoint) error {
	for i, signed := range published {
		if signed.size == 0 {
			continue
		}
		reader := tlog.TileHashReader(tlog.Tree{N: signed.size, Hash: signed.root}, tileFiles{dir})
		if i > 0 && published[i-1].size > 0 {
			if err := checkGrowth(published[i-1], signed, reader); err != nil {
				return err
			}
		}
		for _, index := range sample(signed.size) {
			proof, err := tlog.ProveRecord(signed.size, index, reader)
			if err != nil {
				return fmt.Errorf("%s: entry %d cannot be proved: %w", signed.name, index, err)
			}
			if err := tlog.CheckRecord(proof, signed.size, signed.root, index, made.leaves[index]); err != nil {
				return fmt.Errorf("%s: entry %d is not in it: %w", signed.name, index, err)
			}
		}
	}
	return nil
}

func checkGrowth(earlier, later checkpoint, reader tlog.HashReader) error {
	proof, err := tlog.ProveTree(later.size, earlier.size, reader)
	if err != nil {
		return fmt.Errorf("%s: cannot be proved to go on from %s: %w", later.name, earlier.name, err)
	}
	if err := tlog.CheckTree(proof, later.size, later.root, earlier.size, earlier.root); err != nil {
		return fmt.Errorf("%s: does not go on from %s: %w", later.name, earlier.name, err)
	}
	return nil
}

// sample names the first, the last and some entries between.
func sample(size int64) []int64 {
	const many = 16
	var indexes []int64
	for i := int64(0); i < many; i++ {
		if index := i * size / many; i == 0 || index != indexes[len(indexes)-1] {
			indexes = append(indexes, index)
		}
	}
	if last := size - 1; last != indexes[len(indexes)-1] {
		indexes = append(indexes, last)
	}
	return indexes
}
