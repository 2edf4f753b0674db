#pragma warning disable IDE0005 // MSBuild compiles this file without the implicit usings that the tests have
using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;

namespace Lcnn.Distributed.Build;

/// <summary>Writes a copy of libLibTorchSharp.so that loads on hosts whose libstdc++ is older than GCC 13's.</summary>
/// <remarks>
/// The library asks for GLIBCXX_3.4.32 because of one symbol, an empty anchor that pulls in the initialiser of iostreams; every
/// shared libstdc++ runs that initialiser by itself. The copy marks the version as weak and lets the anchor's undefined symbol be
/// one more import of a harmless libtorch function. Nothing else moves. A library that does not need this is copied as it is; one
/// that needs something else is refused, because guessing would hide a new requirement. Compiled by MSBuild: see Libtorch.targets.
/// </remarks>
public sealed class RelaxLibstdcxx : Microsoft.Build.Utilities.Task
{
    [Required]
    public string Source { get; set; } = "";

    [Required]
    public string Destination { get; set; } = "";

    public override bool Execute()
    {
        try
        {
            var image = File.ReadAllBytes(Source);
            var outcome = ElfImports.Relax(image);
            Replace(Destination, image);
            File.SetLastWriteTimeUtc(Destination, DateTime.UtcNow);
            Log.LogMessage(MessageImportance.Low, "{0}: {1}", Destination, outcome);
            return true;
        }
        catch (InvalidDataException unexpected)
        {
            Log.LogError("{0}: {1}. Expected an x86-64 ELF library whose only use of {2} is the undefined symbol {3}, and an "
                + "undefined {4} to put in its place. Has TorchSharp been updated? Then look at build/RelaxLibstdcxx.cs again.",
                Source, unexpected.Message, ElfImports.Version, ElfImports.Anchor, ElfImports.Substitute);
            return false;
        }
    }

    // A temporary file and a rename: a reader never sees half a library, and a hard link to the package is cut, not written through.
    private static void Replace(string destination, byte[] image)
    {
        var temporary = destination + "." + Guid.NewGuid().ToString("N") + ".tmp";
        File.WriteAllBytes(temporary, image);
        if (File.Exists(destination))
        {
            File.Replace(temporary, destination, null);
        }
        else
        {
            File.Move(temporary, destination);
        }
    }
}

/// <summary>The imports of a 64-bit little-endian ELF library: just enough to weaken one version requirement.</summary>
public static class ElfImports
{
    public const string Version = "GLIBCXX_3.4.32";
    public const string Anchor = "_ZSt21ios_base_library_initv";
    public const string Substitute = "_ZN2at15get_num_threadsEv";

    private const int SymbolBytes = 24;
    private const ushort Weak = 2;

    /// <summary>Changes the image in place and says what was done; InvalidDataException if the layout is another one.</summary>
    public static string Relax(byte[] image)
    {
        try
        {
            return RelaxCore(image);
        }
        catch (ArgumentException)
        {
            // BitConverter, GetString and IndexOf answer so to offsets outside the image.
            throw new InvalidDataException("an offset points outside the file");
        }
        catch (KeyNotFoundException)
        {
            throw new InvalidDataException("one of the sections .dynsym, .dynstr, .gnu.version and .gnu.version_r is missing");
        }
    }

    private static string RelaxCore(byte[] image)
    {
        if (BitConverter.ToUInt32(image, 0) != 0x464C457F || image[4] != 2 || image[5] != 1 || BitConverter.ToUInt16(image, 18) != 62)
        {
            throw new InvalidDataException("not an x86-64 ELF file");
        }

        var sections = ReadSections(image);
        var names = sections[".dynstr"].Offset;
        var requirement = FindRequirement(image, sections[".gnu.version_r"].Offset, names);
        if (requirement < 0)
        {
            return "does not ask for " + Version;
        }

        var flags = BitConverter.ToUInt16(image, requirement + 4);
        var index = BitConverter.ToUInt16(image, requirement + 6);
        var symbols = sections[".dynsym"];
        var versions = sections[".gnu.version"].Offset;
        int anchor = -1, substitute = -1, users = 0;
        for (var i = 0; i < symbols.Size / SymbolBytes; i++)
        {
            var symbol = symbols.Offset + (i * SymbolBytes);
            if ((BitConverter.ToUInt16(image, versions + (2 * i)) & 0x7FFF) == index)
            {
                users++;
            }

            if (BitConverter.ToUInt16(image, symbol + 6) == 0) // undefined
            {
                var name = ReadName(image, names + BitConverter.ToInt32(image, symbol));
                anchor = name == Anchor ? i : anchor;
                substitute = name == Substitute ? i : substitute;
            }
        }

        if (users == 0 && (flags & Weak) != 0)
        {
            return "was relaxed before";
        }

        if (anchor < 0 || substitute < 0 || users != 1 || (BitConverter.ToUInt16(image, versions + (2 * anchor)) & 0x7FFF) != index)
        {
            throw new InvalidDataException(
                $"{users} symbols use {Version}, the anchor is {Presence(anchor)}, its substitute is {Presence(substitute)}");
        }

        Array.Copy(image, symbols.Offset + (substitute * SymbolBytes), image, symbols.Offset + (anchor * SymbolBytes), 4);
        Array.Copy(image, versions + (2 * substitute), image, versions + (2 * anchor), 2);
        BitConverter.GetBytes((ushort)(flags | Weak)).CopyTo(image, requirement + 4);
        return "relaxed";
    }

    private static string Presence(int index) => index < 0 ? "missing" : "present";

    private static Dictionary<string, (int Offset, int Size)> ReadSections(byte[] image)
    {
        var table = (int)BitConverter.ToInt64(image, 40);
        var entryBytes = BitConverter.ToUInt16(image, 58);
        var count = BitConverter.ToUInt16(image, 60);
        var names = (int)BitConverter.ToInt64(image, table + (BitConverter.ToUInt16(image, 62) * entryBytes) + 24);
        var sections = new Dictionary<string, (int Offset, int Size)>();
        for (var i = 0; i < count; i++)
        {
            var header = table + (i * entryBytes);
            var name = ReadName(image, names + BitConverter.ToInt32(image, header));
            sections[name] = ((int)BitConverter.ToInt64(image, header + 24), (int)BitConverter.ToInt64(image, header + 32));
        }

        return sections;
    }

    // The Vernaux entry of the version, or -1. Verneed: version, count, file, aux, next; Vernaux: hash, flags, other, name, next.
    private static int FindRequirement(byte[] image, int file, int names)
    {
        while (true)
        {
            var entry = file + BitConverter.ToInt32(image, file + 8);
            for (var i = BitConverter.ToUInt16(image, file + 2); i > 0; i--)
            {
                if (ReadName(image, names + BitConverter.ToInt32(image, entry + 8)) == Version)
                {
                    return entry;
                }

                entry += BitConverter.ToInt32(image, entry + 12);
            }

            var next = BitConverter.ToInt32(image, file + 12);
            if (next == 0)
            {
                return -1;
            }

            file += next;
        }
    }

    private static string ReadName(byte[] image, int offset) =>
        Encoding.ASCII.GetString(image, offset, Array.IndexOf(image, (byte)0, offset) - offset);
}
