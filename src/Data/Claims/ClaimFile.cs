using System.Security.Cryptography;
using System.Text;

namespace Lcnn.Distributed.Data.Claims;

/// <summary>One file of a folder's claims: a line that says who, and a line that changes with every sign of life.</summary>
/// <param name="Path">Where.</param>
/// <param name="Text">All of it.</param>
internal sealed record ClaimFile(string Path, string Text)
{
    private const int MaxBytes = 1 << 14;
    private const int BeatLength = 16;
    private const int UnixExists = 17; // EEXIST
    private const int WindowsExists = unchecked((int)0x80070050); // ERROR_FILE_EXISTS

    /// <summary>Null when it is damaged, or not written to its end yet.</summary>
    public Claim? Claim { get; } = Claim.Parse(Text.Split('\n', 2)[0]);

    /// <summary>What the file of the next claim is named after.</summary>
    public string Id => Claim?.Id ?? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)))[..BeatLength];

    /// <summary>Null if there is none.</summary>
    public static ClaimFile? Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            return new ClaimFile(path, ReadText(file));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Makes the file, unless there is one.</summary>
    public static bool TryCreate(string path, Claim claim)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 1);
        }
        catch (IOException exception) when (exception.HResult is UnixExists or WindowsExists) // it may be gone again by now
        {
            return false;
        }

        try
        {
            using (file)
            {
                file.Write(Format(claim));
            }
        }
        catch
        {
            File.Delete(path); // no room for it: what nobody can read would keep others out for a while
            throw;
        }

        return true;
    }

    /// <summary>Shows that the holder lives, in the very file that was seen to be its own.</summary>
    public static void Beat(string path, Claimant claimant)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 1);
        if (new ClaimFile(path, ReadText(file)).Claim is { } claim && claim.IsOf(claimant))
        {
            file.Position = 0;
            file.Write(Format(claim));
        }
    }

    private static byte[] Format(Claim claim) =>
        Encoding.UTF8.GetBytes($"{claim.ToJson()}\n{RandomNumberGenerator.GetHexString(BeatLength, lowercase: true)}\n");

    private static string ReadText(FileStream file)
    {
        var bytes = new byte[MaxBytes];
        return Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
    }
}
