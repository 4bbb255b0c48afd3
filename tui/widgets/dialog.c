/* dialog.c: the frame of all dialogs. */
#include "tui/widgets/dialogs.h"

Rect
dialog_box(Grid *grid, Rect screen, int width, int height, const char *title)
{
    int w = MIN(width + 4, screen.w - 2), h = MIN(height + 2, screen.h - 2);
    Rect box = {screen.x + (screen.w - w) / 2, screen.y + MAX((screen.h - h) / 2, 1), w, h};
    grid_box(grid, box, ROLE_DIALOG, title);
    return (Rect){box.x + 2, box.y + 1, box.w - 4, box.h - 2};
}

void
dialog_keys(Grid *grid, Rect inside, int row, const char *yes, const char *no)
{
    int from = inside.x, x = from, y = inside.y + row, right = inside.x + inside.w;
    if (yes) {
        x += grid_print(grid, x, y, right - x, ROLE_KEY, "[ Enter ]");
        x += 1 + grid_print(grid, x + 1, y, right - x - 1, ROLE_TEXT, yes);
        grid_target(grid, from, y, x - from, TARGET_KEY(KEYS_ENTER));
        from = x += 5;
    }
    x += grid_print(grid, x, y, right - x, ROLE_KEY, "[ Esc ]");
    x += 1 + grid_print(grid, x + 1, y, right - x - 1, ROLE_TEXT, no);
    grid_target(grid, from, y, x - from, TARGET_KEY(KEYS_ESC));
}
